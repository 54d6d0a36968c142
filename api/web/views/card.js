/** The card of a session: what they can do, what changed, one thing to try; with the way to each clip. */

import { Told, get, messageOf, statusOf } from "../api.js";
import { copyText, el, put, toast } from "../dom.js";
import { movements, ownerKey } from "../facts.js";
import { icon } from "../icons.js";
import { ended } from "../live.js";
import { planOf } from "../plans.js";
import { go, stillShown } from "../router.js";
import { canOf, feltBetter, pairOf, tryOf } from "../session_card.js";
import { follow, orGone, sessionAndClips } from "../session_clips.js";
import { changeSession, goingOn, sessionOf } from "../sessions.js";
import { dateText } from "../text.js";
import { words } from "../words.js";
import { clipRow, errorView, heading } from "./common.js";
import { clientOf } from "./session.js";

const CHANGES = 2; // that are told, at most: sources 6
const MINUTE_MS = 60_000;

export async function cardView(root, { client, id }) {
  const stored = sessionOf(id);
  if (stored?.client !== client || stored.owner !== ownerKey())
    return errorView(root, new Told(404, words.session.gone));
  if (stored.finished === null) return go(`session/${client}`, { replace: true });
  const [who, { session, clips }] = await Promise.all([clientOf(client), sessionAndClips(stored), movements()]);
  if (!stillShown(root)) return null;
  document.title = `${words.session.title} · ${who.name} · ${words.app}`;
  const results = new Map();
  const draw = async () => {
    for (const status of clips.values()) {
      if (status.status === "done" && !results.has(status.id))
        results.set(status.id, await orGone(`analyses/${encodeURIComponent(status.id)}/result`));
    }
    const parts = await cardParts(who, session, clips, results);
    if (stillShown(root)) put(root, parts);
  };
  await draw();
  return follow(clips, (status) => ended(status) && draw());
}

async function cardParts(who, session, clips, results) {
  const plan = planOf(session);
  const seen = plan.steps.map(({ name, movement }, i) => {
    const step = session.steps[i];
    const [status, result] = [clips, results].map((known) => known.get(step.analysis) ?? null);
    return { name, movement, step, status, result };
  });
  const coming = [...clips.values()].filter((status) => !ended(status)).length;
  const pair = pairOf(plan.kind, seen);
  const minutes = Math.max(1, Math.round((session.finished - session.started) / MINUTE_MS));
  return [
    heading(who.name),
    el("p", {
      class: "quiet",
      text: [
        words.session.plans[plan.name].title,
        dateText(session.started),
        minutes <= 2 * plan.minutes && words.session.took(minutes),
      ]
        .filter(Boolean)
        .join(" · "),
    }),
    coming ? el("p", { class: "status", role: "status", text: words.session.stillLooking(coming) }) : null,
    canPart(plan.kind, seen, coming),
    await changedPart(pair, feltBetter(seen)),
    tryPart(tryOf(plan.kind, seen)),
    notedPart(seen),
    clipsPart(plan.kind, seen, pair),
    goOnPart(session),
    actionsPart(who.name),
  ];
}

function canPart(kind, seen, coming) {
  const can = canOf(kind, seen);
  if (!can.length) {
    const known = seen.some((one) => one.result);
    return coming && !known ? null : el("p", { text: known ? words.result.known : words.session.nothingYet });
  }
  return section(
    "can",
    words.result.can,
    el(
      "ul",
      { class: "can-list" },
      can.map(({ name, text }) =>
        el(
          "li",
          {},
          icon("check"),
          el("span", {}, kind === "look" && el("strong", { text: `${words.session.steps[name].title}: ` }), text),
        ),
      ),
    ),
  );
}

/** What changed clearly from the first clip to the last, and which try felt better. */
async function changedPart(pair, felt) {
  const title = (name) => words.session.steps[name].title;
  const changes = pair && [
    el("p", { class: "quiet", text: words.session.changedIn(title(pair[0].name), title(pair[1].name)) }),
    (await told(...pair)).map(({ text }) => el("p", { text })),
  ];
  const line = felt && words.session.felt(title(felt.better), felt.level, title(felt.other), felt.otherLevel);
  return changes || line ? section("", words.compare.said, changes, line && el("p", { text: line })) : null;
}

/** The sentences of the comparison, what got better first; a cue that was given between the two goes with it. */
async function told(before, after) {
  const cue = after.step.cue.trim();
  const asked = { a: before.status.id, b: after.status.id, ...(cue ? { cue } : {}) };
  try {
    const [pair] = (await get(`compare?${new URLSearchParams(asked)}`)).pairs;
    return pair.told.length ? pair.told.slice(0, CHANGES) : [{ text: words.compare.nothing }];
  } catch (problem) {
    if (statusOf(problem) === 422) return [{ text: words.session.notCompared }];
    return [{ text: messageOf(problem) }];
  }
}

function tryPart(one) {
  if (!one) return null;
  return section(
    "try",
    words.result.oneThing,
    el("p", { text: one.text }),
    one.cue && el("p", { class: "cue", text: `“${one.cue}”` }),
    one.try && el("p", {}, el("strong", { text: `${words.result.nextStep}: ` }), one.try),
  );
}

function notedPart(seen) {
  const noted = seen.filter(({ movement, step }) => !movement && !step.skipped && step.note.trim());
  if (!noted.length) return null;
  return section(
    "",
    words.session.noted,
    noted.map(({ name, step }) =>
      el("p", {}, el("strong", { text: `${words.session.steps[name].title}: ` }), step.note.trim()),
    ),
  );
}

function clipsPart(kind, seen, pair) {
  const filmed = seen.filter((one) => one.status);
  if (!filmed.length) return null;
  const more = ({ name, step }) =>
    [kind === "lift" && words.session.steps[name].title, step.cue.trim() && words.session.withCue(step.cue.trim())]
      .filter(Boolean)
      .join(" · ");
  return el(
    "section",
    { class: "no-print", "aria-labelledby": "clips-title" },
    el("h2", { id: "clips-title", text: words.session.clips }),
    el(
      "ul",
      { class: "plain-list clip-list" },
      filmed.map((one) => clipRow(one.status, more(one))),
    ),
    pair &&
      el(
        "a",
        { class: "button wide", href: `#/compare/${pair[0].status.id}/${pair[1].status.id}` },
        icon("compare"),
        el("span", { text: words.session.sideBySide }),
      ),
  );
}

/** Ended too early: the session can go on as long as no other has begun. */
function goOnPart(session) {
  if (goingOn(session.owner, session.client)) return null;
  const on = () => {
    changeSession(session.id, { finished: null });
    go(`session/${session.client}`);
  };
  return el(
    "div",
    { class: "stack no-print" },
    el("button", { type: "button", class: "button", text: words.session.goOnWith, on: { click: on } }),
  );
}

/** On paper, or as text in whatever the phone sends with; a link to the page of one clip is made at that clip. */
function actionsPart(name) {
  const button = (sign, text, act, more = "") =>
    el("button", { type: "button", class: `button ${more}`, on: { click: act } }, icon(sign), el("span", { text }));
  const share = async () => {
    const text = [name, ...[...document.querySelectorAll("main .card")].map((card) => shownText(card))].join("\n\n");
    if (navigator.share) return navigator.share({ title: words.app, text }).catch(() => null);
    return toast((await copyText(text)) ? words.share.copied : words.session.notCopied);
  };
  return el(
    "div",
    { class: "actions" },
    button("print", words.session.print, () => window.print()),
    button("share", words.session.share, share, "primary"),
  );
}

/**
 * The text of a card as it is shown, in lines.
 * @param {Element} card
 */
function shownText(card) {
  // biome-ignore lint/performance/useDomNodeTextContent: textContent would run its lines into one
  return card instanceof HTMLElement ? card.innerText : "";
}

let number = 0;

function section(kind, title, ...inside) {
  const id = `card-${++number}`;
  return el("section", { class: `card ${kind}`, "aria-labelledby": id }, el("h2", { id, text: title }), inside);
}
