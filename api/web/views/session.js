/** A client's session: the one that goes on, else the plans to choose from and the cards of earlier ones. */

import { get, statusOf } from "../api.js";
import { el, put } from "../dom.js";
import { movements, ownerKey } from "../facts.js";
import { icon } from "../icons.js";
import { PLANS } from "../plans.js";
import { show, stillShown } from "../router.js";
import { begin, finishedOf, forgetSessions, goingOn } from "../sessions.js";
import { dayText, timeText } from "../text.js";
import { words } from "../words.js";
import { heading } from "./common.js";
import { stepsPart } from "./steps.js";

export async function sessionView(root, { client }) {
  const [who] = await Promise.all([clientOf(client), movements()]);
  if (!stillShown(root)) return null;
  document.title = `${words.session.title} · ${who.name} · ${words.app}`;
  const session = goingOn(ownerKey(), client);
  if (session) return stepsPart(root, who, session);
  const earlier = finishedOf(ownerKey(), client);
  put(
    root,
    heading(words.session.title),
    el("p", { class: "quiet", text: who.name }),
    el("h2", { text: words.session.choose }),
    PLANS.map((plan) => planCard(plan, client)),
    earlier.length ? earlierPart(earlier) : null,
  );
  return null;
}

/** The client; where there is none any more, their sessions go too. */
export async function clientOf(id) {
  try {
    return await get(`clients/${encodeURIComponent(id)}`);
  } catch (told) {
    if (statusOf(told) === 404) forgetSessions((one) => one.client === id);
    throw told;
  }
}

function planCard(plan, client) {
  const said = words.session.plans[plan.name];
  return el(
    "button",
    {
      type: "button",
      class: "card plan",
      on: {
        click: () => {
          begin(ownerKey(), client, plan);
          show();
        },
      },
    },
    el("strong", { text: said.title }),
    el("span", { text: said.text }),
    el(
      "span",
      { class: "train-head" },
      el("span", {
        class: "quiet",
        text: `${words.session.stepsOf(plan.steps.length)} · ${words.session.about(plan.minutes)}`,
      }),
      el("span", { class: "plan-start" }, icon("play"), words.session.start),
    ),
  );
}

function earlierPart(sessions) {
  return el(
    "section",
    { "aria-labelledby": "earlier-title" },
    el("h2", { id: "earlier-title", text: words.session.earlier }),
    el(
      "ul",
      { class: "plain-list card" },
      sessions.map((one) =>
        el(
          "li",
          {},
          el(
            "a",
            { class: "line-link", href: `#/session/${one.client}/${one.id}` },
            el("span", { text: words.session.plans[one.plan].title }),
            el("span", { class: "quiet", text: `${dayText(one.started)}, ${timeText(one.started)}` }),
          ),
        ),
      ),
    ),
  );
}
