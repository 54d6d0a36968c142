/** What a client can train: each movement with its light, load, comfortable range, clip and next step. */

import { el } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { getMovementTitle } from "../core/movement_list.js";
import {
  formatLoad,
  formatNumber,
  formatSeconds,
  getAngleTitle,
  getSideTitle,
  getVocabulary,
} from "../core/vocabulary.js";
import { formatDate, formatDateRange } from "../text/formatting.js";
import { messages } from "../text/messages.js";
import { buildChangeBadge, drawSparkline } from "./trend_lines.js";

const LIGHT_ICONS = { go: "check", modify: "easier", stop: "pause", none: "ask" };
const OPEN_RANGES = 1; // comfortable ranges that are not folded; clear changes come first

/** Build the card; null if nothing was filmed. With a referral to a clinician it comes first, and the rest is folded. */
export function buildTrainingMenu({ referral, can_train: entries }) {
  const list = entries?.length ? el("ul", { class: "plain-list" }, entries.map(buildEntry)) : null;
  if (!referral && !list) return null;
  return el(
    "section",
    { class: referral ? "card questions" : "card", "aria-labelledby": "train-title" },
    el("h2", { id: "train-title", text: referral ? messages.training.first : messages.training.title }),
    referral && el("p", { text: referral }),
    referral && list ? buildFold(messages.training.record, list) : list,
  );
}

function buildEntry(entry) {
  const title = getMovementTitle(entry.movement, entry.variant);
  const ranges = [...entry.comfortable].sort((a, b) => b.clear - a.clear).map(buildRange);
  const loads_kg = entry.loads.map(({ load_kg }) => load_kg);
  return el(
    "li",
    { class: "train" },
    el("div", { class: "train-head" }, el("h3", { text: title }), buildLightBadge(entry.light)),
    entry.next && el("p", {}, el("strong", { text: `${messages.result.nextStep}: ` }), entry.next.say),
    entry.leave && el("p", { text: entry.leave }),
    el(
      "div",
      { class: "train-head facts-line" },
      el("p", { class: "quiet", text: formatFacts(entry) }),
      el(
        "a",
        {
          class: "button small",
          href: `#/clips/${entry.analysis}`,
          "aria-label": `${messages.training.watch}: ${title}, ${formatDate(entry.at)}`,
        },
        icon("play"),
        el("span", { text: messages.training.watch }),
      ),
    ),
    new Set(loads_kg).size > 1 && buildLine(messages.training.load, entry.loads, loads_kg, formatLoad),
    ranges.slice(0, OPEN_RANGES),
    ranges.length > OPEN_RANGES &&
      buildFold(messages.training.more(ranges.length - OPEN_RANGES), el("div", {}, ranges.slice(OPEN_RANGES))),
  );
}

/** Build the badge of a light, with text and icon, as colour alone is not accessible. */
function buildLightBadge(light) {
  const name = light ?? "none";
  return el(
    "span",
    { class: `light ${name}` },
    icon(LIGHT_ICONS[name]),
    el(
      "span",
      {},
      light && el("span", { class: "visually-hidden", text: `${messages.training.reported}: ` }),
      getVocabulary().lights[name],
    ),
  );
}

function formatFacts(entry) {
  return [
    entry.load_kg === null ? null : formatLoad(entry.load_kg),
    entry.reps ? messages.training.reps(entry.reps) : null, // a clip without a complete rep has 0
    entry.held_s === null ? null : messages.training.held(formatSeconds(entry.held_s, 0)),
    formatDate(entry.at),
    entry.reported_at && entry.reported_at !== entry.at
      ? messages.training.reportedOn(formatDate(entry.reported_at))
      : null,
  ]
    .filter((fact) => fact !== null)
    .join(" · ");
}

function buildRange(range) {
  const angle = getAngleTitle(range.angle).toLowerCase();
  const name = [angle, range.side && getSideTitle(range.side)].filter(Boolean).join(", ");
  return buildLine(
    messages.training.range(name),
    range.points,
    range.points.map(({ from_tall_deg }) => Math.abs(from_tall_deg)),
    (value) => formatNumber(value, "deg"),
    range.points.length > 1 ? range : null,
    messages.training.fromTall,
  );
}

/**
 * Build a line with its first and last value, their dates, and a sparkline of all values.
 * @param {string} title
 * @param {{at: string}[]} points
 * @param {number[]} values
 * @param {(value: number) => string} format
 * @param {{clear: boolean, change_text: string}|null} [change] as in GET /v1/clients/{id}/timeline
 * @param {string} [reference] what the values are measured from
 */
function buildLine(title, points, values, format, change = null, reference = "") {
  const ends = values.length > 1 ? [values[0], values[values.length - 1]] : values;
  return el(
    "div",
    { class: "over-time" },
    el(
      "span",
      { class: "over-text" },
      el("span", { text: title }),
      el("span", { class: "quiet", text: `${ends.map(format).join(" → ")} ${reference}` }),
      el("span", { class: "quiet", text: formatDateRange(points[0].at, points[points.length - 1].at) }),
      change && buildChangeBadge(change.clear, change.change_text),
    ),
    values.length > 1 && drawSparkline(values),
  );
}

function buildFold(title, content) {
  return el("details", { class: "details" }, el("summary", {}, el("span", { text: title })), content);
}
