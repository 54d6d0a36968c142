/** The findings of a result: what they can do first, then one thing to try with its cue. */

import { el } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { formatSeconds, keepUnitsTogether } from "../../core/vocabulary.js";
import { messages } from "../../text/messages.js";

/** Build the first thing they can do, below the key measures; null if there is none. */
export function buildLeadLine(result) {
  const first = result.findings.find(({ kind }) => kind === "can");
  if (!first) return null;
  return el(
    "p",
    { class: "lead" },
    icon("check"),
    el("span", {}, el("span", { class: "visually-hidden", text: `${messages.result.canLead}: ` }), first.text),
  );
}

/**
 * @param {any} result
 * @param {import("./result_page.js").ResultContext} context
 */
export function buildFindings(result, context) {
  const can = result.findings.filter(({ kind }) => kind === "can");
  const notes = result.findings.filter(({ kind }) => kind === "note");
  const next = result.findings.find(({ kind }) => kind === "next");
  return [
    can.length ? buildCanCard(can, context) : buildEmptyCard(result),
    notes.length ? buildNotesCard(notes) : null,
    next
      ? buildTryCard(buildFindingBody(next), buildMomentButton(next, context))
      : result.view.grade === "refused" && buildTryCard(el("p", { text: messages.result.viewRefused })),
  ];
}

function buildCanCard(findings, context) {
  return el(
    "section",
    { class: "card can", "aria-labelledby": "can-title" },
    el("h2", { id: "can-title", text: messages.result.can }),
    el(
      "ul",
      { class: "can-list" },
      findings.map((finding) =>
        el(
          "li",
          {},
          icon("check"),
          el("span", { text: keepUnitsTogether(finding.text) }),
          buildMomentButton(finding, context),
        ),
      ),
    ),
  );
}

/** Plain facts stand apart from what the client can do: a back that rounds is no tick in a green card. */
function buildNotesCard(findings) {
  return el(
    "section",
    { class: "card", "aria-labelledby": "notes-title" },
    el("h2", { id: "notes-title", text: messages.result.notes }),
    findings.map(({ text }) => el("p", { text })),
  );
}

/** Build the card in place of what they can do; null where no numbers are known either. */
function buildEmptyCard(result) {
  const isUnknown = result.movement.name === "unknown";
  if (!isUnknown && result.view.grade === "refused") return null; // what to try says it
  const text = isUnknown ? messages.result.unknown : messages.result.known;
  return el("section", { class: "card" }, el("p", { text }));
}

function buildTryCard(...children) {
  return el(
    "section",
    { class: "card try", "aria-labelledby": "try-title" },
    el("h2", { id: "try-title", text: messages.result.oneThing }),
    children,
  );
}

/** Build the text, cue and next step of a finding. */
export function buildFindingBody(finding) {
  return [
    el("p", { text: keepUnitsTogether(finding.text) }),
    finding.cue && el("p", { class: "cue", text: `“${finding.cue}”` }),
    finding.try && el("p", {}, el("strong", { text: `${messages.result.nextStep}: ` }), finding.try),
  ];
}

/** Build the button that goes to the moment of a finding; null if it has none. */
function buildMomentButton(finding, context) {
  const time = finding.evidence?.times_s?.[0];
  if (!(time > 0.05) || !context.clipPlayer) return null;
  return el("button", {
    type: "button",
    class: "plain moment",
    "aria-label": messages.result.moment(formatSeconds(time), finding.text),
    text: formatSeconds(time),
    on: { click: () => context.seekTo(time) },
  });
}
