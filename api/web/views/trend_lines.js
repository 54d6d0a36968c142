/** How the measures of a client changed over time: a sparkline each, and whether the change is clear. */

import { el, svg } from "../core/dom.js";
import { getMovementTitle } from "../core/movement_list.js";
import { formatNumber } from "../core/vocabulary.js";
import { messages } from "../text/messages.js";

/** Build the card of the lines of GET /v1/clients/{id}/timeline; null if none has two points. */
export function buildTrendLines(lines) {
  const shown = lines.filter(({ points }) => points.length > 1).sort((a, b) => b.clear - a.clear);
  if (!shown.length) return null;
  return el(
    "details",
    { class: "card details", open: true },
    el("summary", {}, el("span", { text: messages.clients.progress })),
    el("ul", { class: "plain-list" }, shown.map(buildLine)),
  );
}

/** Build one line of GET /v1/clients/{id}/timeline; its `told` is the sentence about the change. */
function buildLine(line) {
  const [first, last] = [line.points[0], line.points.at(-1)].map(({ mean }) => formatNumber(mean, line.unit));
  return el(
    "li",
    { class: "over-time" },
    el(
      "span",
      { class: "over-text" },
      el("span", { text: line.title }),
      el("span", { class: "quiet", text: `${getMovementTitle(line.movement)}: ${first} → ${last}` }),
      buildChangeBadge(line.clear, line.told),
    ),
    drawSparkline(line.points.map(({ mean }) => mean)),
  );
}

/** Build the badge that says whether a change is clear; `text` replaces its standard text. */
export function buildChangeBadge(isClear, text = "") {
  return el("span", {
    class: isClear ? "badge clear" : "badge",
    text: text || (isClear ? messages.compare.clear : messages.compare.unclear),
  });
}

/**
 * Draw values as a sparkline with a dot on the last.
 * @param {number[]} values two or more, oldest first
 */
export function drawSparkline(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const points = values.map((value, i) => [
    6 + (i / (values.length - 1)) * 68,
    26 - (high > low ? (value - low) / (high - low) : 0.5) * 20,
  ]);
  const [lastX, lastY] = points[points.length - 1];
  return svg(
    "svg",
    { class: "spark", viewBox: "0 0 80 32", "aria-hidden": "true" },
    svg("path", { d: `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}` }),
    svg("circle", { cx: lastX, cy: lastY, r: 3.5 }),
  );
}
