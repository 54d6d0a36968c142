/** What a client can train: each movement with its light, load, comfortable range, clip and one next step. */

import { el } from "../dom.js";
import { movementTitle } from "../facts.js";
import { icon } from "../icons.js";
import { dateText, datesText, plainName } from "../text.js";
import { words } from "../words.js";
import { spark } from "./lines.js";

const ICONS = { go: "check", modify: "easier", stop: "pause", none: "ask" };
const SHOWN = 1; // lines of the comfortable range that are not folded, what changed clearly first

/** The card; null where nothing was filmed. A referral comes before everything, and what is known stays folded. */
export function trainingPart({ referral, can_train: entries }) {
  const list = entries?.length ? el("ul", { class: "plain-list" }, entries.map(entryRow)) : null;
  if (!referral && !list) return null;
  return el(
    "section",
    { class: referral ? "card questions" : "card", "aria-labelledby": "train-title" },
    el("h2", { id: "train-title", text: referral ? words.training.first : words.training.title }),
    referral && el("p", { text: referral }),
    referral && list ? folded(words.training.record, list) : list,
  );
}

function entryRow(entry) {
  const title = movementTitle(entry.movement, entry.variant);
  const ranges = [...entry.comfortable].sort((a, b) => b.clear - a.clear).map(rangeLine);
  const loads = entry.loads.map((one) => one.load_kg);
  return el(
    "li",
    { class: "train" },
    el("div", { class: "train-head" }, el("h3", { text: title }), lightBadge(entry.light)),
    entry.next && el("p", {}, el("strong", { text: `${words.result.nextStep}: ` }), entry.next.say),
    entry.leave && el("p", { text: entry.leave }),
    el(
      "div",
      { class: "train-head facts-line" },
      el("p", { class: "quiet", text: factsText(entry) }),
      el(
        "a",
        {
          class: "button small",
          href: `#/clips/${entry.analysis}`,
          "aria-label": `${words.training.watch}: ${title}, ${dateText(entry.at)}`,
        },
        icon("play"),
        el("span", { text: words.training.watch }),
      ),
    ),
    new Set(loads).size > 1 && lineOf(words.training.load, entry.loads, loads, words.result.load),
    ranges.slice(0, SHOWN),
    ranges.length > SHOWN && folded(words.training.more(ranges.length - SHOWN), el("div", {}, ranges.slice(SHOWN))),
  );
}

/** Words and a sign, so that nothing hangs on the colour. */
function lightBadge(light) {
  const name = light ?? "none";
  return el(
    "span",
    { class: `light ${name}` },
    icon(ICONS[name]),
    el(
      "span",
      {},
      light && el("span", { class: "visually-hidden", text: `${words.training.reported}: ` }),
      words.training.lights[name],
    ),
  );
}

function factsText(entry) {
  return [
    entry.load_kg === null ? null : words.result.load(entry.load_kg),
    entry.reps === null ? null : words.training.reps(entry.reps),
    entry.held_s === null ? null : words.training.held(Math.round(entry.held_s)),
    dateText(entry.at),
    entry.reported_at && entry.reported_at !== entry.at ? words.training.asked(dateText(entry.reported_at)) : null,
  ]
    .filter((one) => one !== null)
    .join(" · ");
}

function rangeLine(line) {
  const angle = (words.angles[line.angle] ?? plainName(line.angle)).toLowerCase();
  const name = [angle, line.side && words.training.legs[line.side]].filter(Boolean).join(", ");
  const away = line.points.map((one) => Math.abs(one.from_tall_deg));
  const change = line.points.length > 1 ? line : null;
  return lineOf(
    words.training.range(name),
    line.points,
    away,
    (deg) => `${Math.round(deg)}°`,
    change,
    words.training.fromTall,
  );
}

/**
 * First and last value with their dates, and a drawing of all.
 * @param {string} title
 * @param {{at: string}[]} points
 * @param {number[]} values
 * @param {(value: number) => string} text
 * @param {{clear: boolean, told: string}|null} [change]
 * @param {string} [of] what they are told from
 */
function lineOf(title, points, values, text, change = null, of = "") {
  const ends = values.length > 1 ? [values[0], values[values.length - 1]] : values;
  return el(
    "div",
    { class: "over-time" },
    el(
      "span",
      { class: "over-text" },
      el("span", { text: title }),
      el("span", { class: "quiet", text: `${ends.map(text).join(" → ")} ${of}` }),
      el("span", { class: "quiet", text: datesText(points[0].at, points[points.length - 1].at) }),
      change && el("span", { class: change.clear ? "badge clear" : "badge", text: change.told }),
    ),
    values.length > 1 && spark(values),
  );
}

function folded(title, inside) {
  return el("details", { class: "details" }, el("summary", {}, el("span", { text: title })), inside);
}
