/** What a result says: what they can do first, then one thing to try with its cue. */

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { secondsText } from "../text.js";
import { words } from "../words.js";

/** The first thing they can do, above the video. */
export function leadLine(result) {
  const first = result.findings.find((one) => one.kind === "can");
  return first
    ? el(
        "p",
        { class: "lead" },
        icon("check"),
        el("span", {}, el("span", { class: "visually-hidden", text: `${words.result.canLead}: ` }), first.text),
      )
    : null;
}

export function findingsPart(result, look) {
  const can = result.findings.filter((one) => one.kind === "can");
  const next = result.findings.filter((one) => one.kind === "next");
  return [
    canCard(result, can, look),
    next.length
      ? el(
          "section",
          { class: "card try", "aria-labelledby": "try-title" },
          el("h2", { id: "try-title", text: words.result.oneThing }),
          tryThis(next[0], look),
        )
      : refilm(result),
  ];
}

function canCard(result, can, look) {
  if (can.length) {
    return el(
      "section",
      { class: "card can", "aria-labelledby": "can-title" },
      el("h2", { id: "can-title", text: words.result.can }),
      el(
        "ul",
        { class: "can-list" },
        can.map((one) => el("li", {}, icon("check"), el("span", { text: one.text }), whereSeen(one, look))),
      ),
    );
  }
  const text = result.movement.name === "unknown" ? words.result.unknown : words.result.known;
  return el("section", { class: "card" }, el("p", { text }));
}

function tryThis(one, look) {
  return [
    el("p", { text: one.text }),
    one.cue && el("p", { class: "cue", text: `“${one.cue}”` }),
    one.try && el("p", {}, el("strong", { text: `${words.result.nextStep}: ` }), one.try),
    whereSeen(one, look),
  ];
}

/** A small button that goes to the moment a finding was seen. */
function whereSeen(one, look) {
  const time = one.evidence?.times_s?.[0];
  if (!(time > 0.05) || !look.player) return null;
  const label = words.result.evidence(secondsText(time), one.text);
  return el("button", {
    type: "button",
    class: "plain seen",
    "aria-label": label,
    text: `${secondsText(time)} s`,
    on: { click: () => look.show(time) },
  });
}

function refilm(result) {
  if (result.view.grade !== "refused") return null;
  return el(
    "section",
    { class: "card try" },
    el("h2", { text: words.result.oneThing }),
    el("p", { text: words.result.shapes }),
  );
}
