/** A session that goes on: what comes next, clearly first, then all steps in their order. */

import { el, focusIn, put } from "../dom.js";
import { icon } from "../icons.js";
import { planOf } from "../plans.js";
import { go, show, stillShown } from "../router.js";
import { arrivals } from "../sending.js";
import { follow, nextOf, sessionAndClips } from "../session_clips.js";
import { changeStep, finish, forgetSessions } from "../sessions.js";
import { dayText, timeText } from "../text.js";
import { words } from "../words.js";
import { heading } from "./common.js";
import { nextStep } from "./nextstep.js";

const MINUTE_MS = 60_000;
const LONG_MIN = 180; // longer ago than this the time of day says more; chosen

export async function stepsPart(root, who, begun) {
  let { session, clips } = await sessionAndClips(begun);
  if (!stillShown(root)) return null;
  const plan = planOf(session);
  const time = el("span", {});
  const first = el("div", {});
  const list = el("ol", { class: "plain-list card steps" });
  const end = el("div", { class: "stack" });
  const actions = el("div", { class: "actions" });
  let coming = -1; // the index of the step that is shown first, -1 once all are through
  /** @type {ReturnType<typeof nextStep>|null} */
  let card = null;

  const tellTime = () => {
    time.textContent = timeOf(session, plan);
  };
  const draw = () => {
    coming = nextOf(session, clips);
    card = coming < 0 ? null : nextStep(session.id, coming, clips, (fields) => change(coming, fields));
    put(first, card ? card.node : throughCard());
    put(actions, card ? card.ways : finishButton(words.session.finish, "primary"));
    actions.hidden = !actions.children.length;
    drawRows();
  };
  const drawRows = () => {
    put(list, session.steps.map(row));
    put(end, ending());
  };
  /** What has come of the clips meanwhile; what is being typed stays under the fingers. */
  const news = () => {
    if (nextOf(session, clips) !== coming) return draw();
    card?.suggest();
    return drawRows();
  };
  /** The coach has decided: what comes now is shown and read out. */
  const change = (index, fields) => {
    const now = changeStep(session.id, index, fields);
    if (!now) return show(); // ended in another tab
    session = now;
    draw();
    focusIn(first, "h2", { preventScroll: true });
    return window.scrollTo(0, 0);
  };

  function row(step, index) {
    const { title } = words.session.steps[plan.steps[index].name];
    const status = clips.get(step.analysis);
    const done = step.noted || status?.status === "done";
    const at = step.sending ? `#/send/${step.sending}` : status ? `#/clips/${status.id}` : null;
    const cue = step.cue.trim();
    const text = el(
      "span",
      { class: "over-text" },
      el("strong", { text: title }),
      cue && index !== coming && el("span", { text: words.session.withCue(cue) }),
      el("span", { class: "quiet", text: stateText(step, status, plan.steps[index].movement) }),
    );
    return el(
      "li",
      { class: "step", "aria-current": index === coming ? "step" : null },
      el("span", { class: done ? "step-mark done" : "step-mark" }, done ? icon("check") : String(index + 1)),
      at ? el("a", { class: "line-link", href: at }, text) : el("span", { class: "line-link" }, text),
      // Steps come in their order: one that lies behind what is still to come would not be next.
      (coming < 0 || index < coming) && (done || step.skipped) && againButton(step, index, title),
    );
  }

  function againButton(step, index, title) {
    const text = step.skipped ? words.session.now : words.session.again;
    const fields = step.skipped ? { skipped: false } : { redo: true };
    return button(text, () => change(index, fields), "small", `${text}: ${title}`);
  }

  const finishButton = (text, more = "") =>
    button(
      text,
      () => {
        finish(session.id);
        go(`session/${session.client}/${session.id}`, { replace: true });
      },
      more,
    );

  /** The way out before all is through: to the card, or where there is nothing yet, back to the plans. */
  function ending() {
    if (coming < 0) return null;
    if (session.steps.some((step) => step.analysis || step.sending || step.noted))
      return finishButton(words.session.finishNow);
    return button(words.session.stop, () => {
      forgetSessions((one) => one.id === session.id);
      show();
    });
  }

  tellTime();
  put(
    root,
    heading(words.session.title),
    el("p", { class: "quiet" }, `${who.name} · ${words.session.plans[plan.name].title}`, el("br"), time),
    first,
    el("h2", { text: words.session.list }),
    list,
    end,
    actions,
  );
  draw();
  const clock = setInterval(tellTime, MINUTE_MS / 2);
  let stop = follow(clips, news);
  const arrival = async () => {
    const now = await sessionAndClips(session).catch(() => null);
    if (!now?.session || !stillShown(root)) return;
    session = now.session;
    for (const [id, status] of now.clips) clips.set(id, status);
    stop();
    stop = follow(clips, news);
    news();
  };
  arrivals.addEventListener("arrival", arrival);
  return () => {
    clearInterval(clock);
    stop();
    arrivals.removeEventListener("arrival", arrival);
  };
}

function throughCard() {
  return el(
    "section",
    { class: "card can", "aria-labelledby": "next-title" },
    el("h2", { id: "next-title", tabindex: "-1", text: words.session.through }),
    el("p", { text: words.session.throughText }),
  );
}

/**
 * @param {string} text
 * @param {() => unknown} act
 * @param {string} [more]
 * @param {string|null} [label]
 */
function button(text, act, more = "", label = null) {
  return el("button", { type: "button", class: `button ${more}`, text, "aria-label": label, on: { click: act } });
}

/** How far a step is, in a word; what was noted is told itself. */
function stateText(step, status, movement) {
  if (step.sending) return words.session.onTheWay;
  if (step.noted) return step.note.trim();
  if (step.skipped) return words.session.skipped;
  return status ? words.clips.status[status.status] : words.session.open[movement ? "film" : "note"];
}

function timeOf({ started }, plan) {
  const minutes = Math.floor((Date.now() - started) / MINUTE_MS);
  return minutes > LONG_MIN
    ? words.session.since(dayText(started), timeText(started))
    : words.session.minutes(minutes, plan.minutes);
}
