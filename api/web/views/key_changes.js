/** How key measures changed from one clip to another, in words and numbers. */

import { el } from "../core/dom.js";
import { formatSigned, formatThreshold, formatWithInterval } from "../core/vocabulary.js";
import { messages } from "../text/messages.js";
import { buildBadge } from "./trend_lines.js";

/**
 * A change of a key measure, as GET /v1/analyses/{id}/changes and GET /v1/compare serve it.
 * @typedef {object} KeyChange
 * @property {string} id
 * @property {string} label
 * @property {string} unit
 * @property {number} before
 * @property {number} after
 * @property {[number, number]|null} interval_80_before
 * @property {[number, number]|null} interval_80_after
 * @property {string|null} [direction_before] in place of the sign
 * @property {string|null} [direction_after] in place of the sign
 * @property {number} change
 * @property {number|null} mdc null without a known threshold: the change has no verdict
 * @property {boolean} clear
 * @property {boolean} better
 * @property {string|null} quantity
 */

/**
 * Describe a change: "+6°", "−18°, better" or "no clear change".
 * @param {{change: number, unit: string, mdc: number|null, clear: boolean, better: boolean}} change
 */
export function describeChange({ change, unit, mdc, clear, better }) {
  const text = mdc !== null && !clear ? messages.compare.unclear : formatSigned(change, unit, mdc);
  return better ? messages.compare.better(text) : text;
}

/**
 * Choose the CSS class of a change.
 * @param {{clear: boolean, better: boolean}} change
 */
export const getChangeClass = ({ clear, better }) => (better ? "better" : clear ? "clear" : "");

/**
 * Build the list of the changes of a comparison; null without any.
 * @param {KeyChange[]} changes
 */
export function buildKeyChanges(changes) {
  if (!changes.length) return null;
  return el(
    "section",
    { class: "card", "aria-labelledby": "key-changes-title" },
    el("h2", { id: "key-changes-title", text: messages.result.keyMeasures }),
    el("ul", { class: "plain-list" }, changes.map(buildRow)),
  );
}

/** @param {KeyChange} change */
function buildRow(change) {
  const { label, unit, before, after, interval_80_before, interval_80_after, mdc } = change;
  const { direction_before, direction_after } = change;
  const values = messages.compare.values(
    formatWithInterval(before, unit, interval_80_before, direction_before),
    formatWithInterval(after, unit, interval_80_after, direction_after),
  );
  const counts = mdc === null ? null : messages.compare.counts(formatThreshold(mdc, unit));
  return el(
    "li",
    { class: "key-change" },
    el("span", { text: label }),
    buildBadge(describeChange(change), getChangeClass(change)),
    el("span", { class: "quiet", text: [values, counts].filter(Boolean).join(", ") }),
  );
}
