/** A client's session: the steps of the open one, else the plans to choose from and the earlier sessions. */

import { get, getErrorStatus } from "../../core/api_client.js";
import { el, setChildren } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { isShown, renderRoute } from "../../core/router.js";
import { findOpen, loadPlans, loadSessions, startSession } from "../../sessions/session_store.js";
import { formatDay, formatTime } from "../../text/formatting.js";
import { messages } from "../../text/messages.js";
import { heading, runAction } from "../page_parts.js";
import { renderSessionSteps } from "./session_steps.js";

/** @type {Map<string, {name: string}>} clients by id, for an open session while the service is not reached */
const knownClients = new Map();

/** Render a client's session. */
export async function renderSessionView(root, { client: clientId }) {
  const [client, sessions] = await Promise.all([loadClient(clientId), loadSessions(clientId)]);
  if (!isShown(root)) return null;
  document.title = `${messages.session.title} · ${client.name} · ${messages.app}`;
  const session = findOpen(sessions);
  if (session) return renderSessionSteps(root, client, session);
  const plans = await loadPlans();
  if (!isShown(root)) return null;
  setChildren(
    root,
    heading(messages.session.title),
    el("p", { class: "quiet", text: client.name }),
    el("h2", { text: messages.session.choose }),
    plans.map((plan) => buildPlanCard(plan, clientId)),
    buildEarlierSessions(sessions),
  );
  return null;
}

async function loadClient(id) {
  try {
    const client = await get(`clients/${encodeURIComponent(id)}`);
    knownClients.set(id, client);
    return client;
  } catch (error) {
    const client = getErrorStatus(error) === 0 ? knownClients.get(id) : null;
    if (!client) throw error;
    return client;
  }
}

function buildPlanCard(plan, clientId) {
  const { title, text } = plan;
  const card = el(
    "button",
    { type: "button", class: "card plan", on: { click: () => start() } },
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
  const start = () =>
    runAction(card, async () => {
      await startSession(clientId, plan);
      await renderRoute();
    });
  return card;
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
      sessions.map(({ id, client, title, started_at }) =>
        el(
          "li",
          {},
          el(
            "a",
            { class: "line-link", href: `#/session/${client}/${id}` },
            el("span", { text: title }),
            el("span", { class: "quiet", text: `${formatDay(started_at)}, ${formatTime(started_at)}` }),
          ),
        ),
      ),
    ),
  );
}
