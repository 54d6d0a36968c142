/** The few numbers that answer what a coach asks, as tiles: value, 80 % interval and the values of the reps. */

import { el } from "../../core/dom.js";
import { formatNumber } from "../../core/vocabulary.js";
import { messages } from "../../text/messages.js";

/** Build the tiles; null if the result has none. */
export function buildKeyMeasures({ key_measures: measures }) {
  if (!measures?.length) return null;
  return el(
    "section",
    { class: "card", "aria-labelledby": "key-measures-title" },
    el("h2", { id: "key-measures-title", text: messages.result.keyMeasures }),
    el("dl", { class: "tiles" }, measures.map(buildTile)),
  );
}

function buildTile({ label, value, unit, interval_80: interval, per_rep: perRep }) {
  const [low, high] = (interval ?? []).map((end) => formatNumber(end, null, { decimals: 0 }));
  return el(
    "div",
    { class: "tile" },
    el("dt", { text: label }),
    el(
      "dd",
      {},
      el("strong", { text: formatNumber(value, unit) }),
      low && el("span", { text: messages.result.between(low, high) }),
    ),
    perRep.length > 1 && el("dd", { class: "quiet", text: perRep.map((rep) => formatNumber(rep, unit)).join(" · ") }),
  );
}
