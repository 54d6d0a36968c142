/** A client's session: the steps of the open one, else the plans to choose from and the earlier sessions. */

import { get, getErrorStatus } from "../../core/api_client.js";
import { getOwnerKey } from "../../core/current_user.js";
import { el, setChildren } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { loadMovements } from "../../core/movement_list.js";
import { isShown, renderRoute } from "../../core/router.js";
import { findPlan, listPlans } from "../../sessions/session_plans.js";
import { deleteSessions, findOpenSession, listFinishedSessions, startSession } from "../../sessions/session_store.js";
import { formatDay, formatTime } from "../../text/formatting.js";
import { messages } from "../../text/messages.js";
import { heading } from "../page_parts.js";
import { renderSessionSteps } from "./session_steps.js";

/** Render a client's session. */
export async function renderSessionView(root, { client: clientId }) {
  const [client] = await Promise.all([getClient(clientId), loadMovements()]);
  if (!isShown(root)) return null;
  document.title = `${messages.session.title} · ${client.name} · ${messages.app}`;
  const session = findOpenSession(getOwnerKey(), clientId);
  if (session) return renderSessionSteps(root, client, session);
  setChildren(
    root,
    heading(messages.session.title),
    el("p", { class: "quiet", text: client.name }),
    el("h2", { text: messages.session.choose }),
    listPlans().map((plan) => buildPlanCard(plan, clientId)),
    buildEarlierSessions(listFinishedSessions(getOwnerKey(), clientId)),
  );
  return null;
}

/** Get a client. If the client was deleted, their sessions on this phone are deleted too. */
export async function getClient(id) {
  try {
    return await get(`clients/${encodeURIComponent(id)}`);
  } catch (error) {
    if (getErrorStatus(error) === 404) deleteSessions((session) => session.client === id);
    throw error;
  }
}

function buildPlanCard(plan, clientId) {
  const { title, text } = plan;
  const start = () => {
    startSession(getOwnerKey(), clientId, plan);
    renderRoute();
  };
  return el(
    "button",
    { type: "button", class: "card plan", on: { click: start } },
    el("strong", { text: title }),
    el("span", { text }),
    el(
      "span",
      { class: "train-head" },
      el("span", {
        class: "quiet",
        text: `${messages.session.stepCount(plan.steps.length)} · ${messages.session.about(plan.minutes)}`,
      }),
      el("span", { class: "plan-start" }, icon("play"), messages.session.start),
    ),
  );
}

function buildEarlierSessions(sessions) {
  if (!sessions.length) return null;
  return el(
    "section",
    { "aria-labelledby": "earlier-title" },
    el("h2", { id: "earlier-title", text: messages.session.earlier }),
    el(
      "ul",
      { class: "plain-list card" },
      sessions.map(({ id, client, plan, started }) =>
        el(
          "li",
          {},
          el(
            "a",
            { class: "line-link", href: `#/session/${client}/${id}` },
            el("span", { text: findPlan(plan)?.title }),
            el("span", { class: "quiet", text: `${formatDay(started)}, ${formatTime(started)}` }),
          ),
        ),
      ),
    ),
  );
}
