/** The measures of a clip that have words of their own, as a list. */

import { el } from "../../core/dom.js";
import { getMovement } from "../../core/movement_list.js";
import { formatMeasure, getMeasureLabel } from "../../core/vocabulary.js";
import { messages } from "../../text/messages.js";

/** Build the card; null if no measure is known. */
export function buildMeasures({ movement, measures }) {
  const own = getMovement(movement.name)?.measure_labels;
  const rows = Object.entries(measures ?? {}).flatMap(([key, value]) => {
    const label = getMeasureLabel(key, own);
    const text = label && formatMeasure(value, label.unit);
    return text ? [el("dt", { text: label.label }), el("dd", { text })] : [];
  });
  if (!rows.length) return null;
  return el(
    "details",
    { class: "card details" },
    el("summary", {}, el("span", { text: messages.result.numbers })),
    el("dl", { class: "facts" }, rows),
  );
}
