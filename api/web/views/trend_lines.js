/** How the measures of a client changed over time: a sparkline each, and whether the change is clear. */

import { el, svg } from "../core/dom.js";
import { getMovementTitle } from "../core/movement_list.js";
import { formatThreshold, formatWithInterval } from "../core/vocabulary.js";
import { messages } from "../text/messages.js";

/**
 * Build the card of the lines of GET /v1/clients/{id}/timeline: for each exercise its key measures, then the others on
 * demand; null if no line has two points.
 */
export function buildTrendLines(lines) {
  const shown = lines.filter(({ points }) => points.length > 1);
  if (!shown.length) return null;
  const exercises = new Map();
  for (const line of shown) {
    const key = JSON.stringify([line.movement, line.variant, line.without_load]);
    exercises.set(key, [...(exercises.get(key) ?? []), line]);
  }
  return el(
    "details",
    { class: "card details", open: true },
    el("summary", {}, el("span", { text: messages.clients.progress })),
    [...exercises.values()].map(buildExercise),
  );
}

/** Build the lines of one exercise. */
function buildExercise(lines) {
  const { movement, variant, without_load: isUnloaded } = lines[0];
  const title = [getMovementTitle(movement, variant), isUnloaded && messages.clients.withoutLoad];
  const keyLines = lines.filter((line) => line.key_measure);
  const others = lines.filter((line) => !line.key_measure).sort((a, b) => b.clear - a.clear);
  return el(
    "section",
    {},
    el("h3", { text: title.filter(Boolean).join(", ") }),
    el("ul", { class: "plain-list" }, (keyLines.length ? keyLines : others).map(buildLine)),
    keyLines.length && others.length
      ? el(
          "details",
          { class: "more" },
          el("summary", { text: messages.clients.otherMeasures(others.length) }),
          el("ul", { class: "plain-list" }, others.map(buildLine)),
        )
      : null,
  );
}

/** Build one line of GET /v1/clients/{id}/timeline; its `change_text` is the change in words. */
function buildLine(line) {
  const [first, last] = [line.points[0], line.points.at(-1)].map(({ mean, interval_80: interval, direction }) =>
    formatWithInterval(mean, line.unit, interval, direction),
  );
  const { threshold, change_text: changeText, better } = line;
  return el(
    "li",
    { class: "over-time" },
    el(
      "span",
      { class: "over-text" },
      el("span", { text: line.title }),
      el("span", { class: "quiet", text: messages.compare.values(first, last) }),
      threshold === null
        ? null
        : el("span", { class: "quiet", text: messages.compare.counts(formatThreshold(threshold, line.unit)) }),
      buildBadge(
        better ? messages.compare.better(changeText) : changeText,
        better ? "better" : line.clear ? "clear" : "",
      ),
    ),
    drawSparkline(line.points.map(({ mean }) => mean)),
  );
}

/** Build the badge that says whether a change is clear; `text` replaces its standard text. */
export const buildChangeBadge = (isClear, text = "") =>
  buildBadge(text || (isClear ? messages.compare.clear : messages.compare.unclear), isClear ? "clear" : "");

/** Build a badge with a CSS class besides its own; "" for none. */
export const buildBadge = (text, className) => el("span", { class: `badge ${className}`.trim(), text });

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
