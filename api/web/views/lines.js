/** How the measured quantities of one client went over time: a small line each, and whether it changed clearly. */

import { el, svg } from "../dom.js";
import { plainName } from "../text.js";
import { words } from "../words.js";

const UNITS = { deg: "°", pct: " %", s: " s", kg: " kg" };

export function linesPart(lines) {
  const longer = lines.filter((line) => line.points.length > 1).sort((a, b) => b.clear - a.clear);
  if (!longer.length) return null;
  return el(
    "details",
    { class: "card details", open: true },
    el("summary", {}, el("span", { text: words.clients.progress })),
    el(
      "ul",
      { class: "plain-list" },
      longer.map((line) =>
        el(
          "li",
          { class: "over-time" },
          el(
            "span",
            { class: "over-text" },
            el("span", { text: line.title }),
            el("span", {
              class: "quiet",
              text: `${plainName(line.movement)}: ${valueText(line.points[0].mean, line.unit)} → ${valueText(line.points.at(-1).mean, line.unit)}`,
            }),
            el("span", {
              class: line.clear ? "badge clear" : "badge",
              text: line.told || (line.clear ? words.compare.clear : words.compare.same),
            }),
          ),
          spark(line.points.map((point) => point.mean)),
        ),
      ),
    ),
  );
}

/** A mean with its unit; shares as percent. */
export function valueText(value, unit) {
  if (unit === "share") return `${Math.round(100 * value)} %`;
  return `${Number(value).toFixed(unit === "s" ? 1 : 0)}${UNITS[unit] ?? ` ${unit}`}`;
}

/** Values, oldest first, as a small line with a dot on the last; two or more. */
export function spark(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const at = values.map((value, i) => [
    6 + (i / (values.length - 1)) * 68,
    26 - (high > low ? (value - low) / (high - low) : 0.5) * 20,
  ]);
  return svg(
    "svg",
    { class: "spark", viewBox: "0 0 80 32", "aria-hidden": "true" },
    svg("path", { d: `M${at.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}` }),
    svg("circle", { cx: at.at(-1)[0], cy: at.at(-1)[1], r: 3.5 }),
  );
}
