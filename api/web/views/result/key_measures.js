/** The few numbers that answer what a coach asks: as tiles that lead to the chart, and as values of each rep. */

import { el } from "../../core/dom.js";
import { getMovement } from "../../core/movement_list.js";
import { formatInterval, formatNumber } from "../../core/vocabulary.js";
import { messages } from "../../text/messages.js";
import { shortenLabel } from "../../text/words.js";

const SAME_TIME_S = 0.006; // times in results have two or three decimals

/**
 * Build the tiles; null if the result has none. Their footer has room for remarks about all of them.
 * @param {any} result
 * @param {import("./result_page.js").ResultContext} context
 */
export function buildKeyMeasures({ key_measures: measures, movement }, context) {
  if (!measures?.length) return null;
  const charts = new Map(getMovement(movement.name)?.key_measures?.map(({ id, chart }) => [id, chart]));
  const hasIntervals = measures.some(({ interval_80 }) => interval_80);
  return el(
    "section",
    { class: "glance", "aria-labelledby": "key-measures-title" },
    el("h2", { id: "key-measures-title", class: "visually-hidden", text: messages.result.keyMeasures }),
    el(
      "ul",
      { class: "tiles" },
      measures.map((measure) => el("li", {}, buildTile(measure, charts.get(measure.id) ?? null, context))),
    ),
    el("footer", { class: "quiet" }, hasIntervals && el("span", { text: messages.result.intervals })),
  );
}

function buildTile({ id, label, value, unit, interval_80: interval, direction }, chart, { clipPlayer }) {
  const parts = [
    el("span", { text: label }),
    " ",
    el("strong", { text: formatNumber(direction ? Math.abs(value) : value, unit) }),
    " ",
    direction && [el("strong", { class: "direction", text: direction }), " "],
    interval && el("span", { class: "interval", text: formatInterval(interval, unit, direction) }),
  ];
  if (!clipPlayer) return el("div", { class: "tile", "data-measure": id }, parts);
  const showChart = () => clipPlayer.showAngle(chart);
  return el("button", { type: "button", class: "tile", "data-measure": id, on: { click: showChart } }, parts);
}

/**
 * List the key measures of one rep, hold or stage, with short names; none if none is known. A direction of the whole is
 * part of the name, and values in it are above 0. Times that the line of the
 * event shows anyway are left out.
 * @param {any} result
 * @param {import("../../player/movement_events.js").MovementEvent} event
 * @param {number[]} shownTimes in seconds
 * @returns {{id: string, label: string, text: string}[]}
 */
export function listEventValues(result, { kind, source }, shownTimes) {
  const counted = selectMeasured(result[`${kind}s`] ?? []);
  const place = counted.findIndex((other) => isSameEvent(other, source));
  if (place < 0) return [];
  const own = new Map(getMovement(result.movement.name)?.key_measures?.map((measure) => [measure.id, measure]));
  const measures = (result.key_measures ?? [])
    .filter(({ per_rep: values }) => values.length === counted.length && values.some(Number.isFinite))
    .filter(({ unit, per_rep: values }) => unit !== "s" || !shownTimes.some((time) => isSameTime(time, values[place])));
  if (!measures.some(({ per_rep: values }) => Number.isFinite(values[place]))) return [];
  return measures.map(({ id, label, value, unit, direction, per_rep: values }) => {
    const name = own.get(id)?.short_label ?? shortenLabel(label);
    const isTurned = Boolean(direction) && value < 0 && Number.isFinite(values[place]);
    return {
      id,
      label: direction ? `${name}, ${direction}` : name,
      text: formatNumber(isTurned ? -values[place] : values[place], unit),
    };
  });
}

/** Select what key measures have values for: all but partial reps; if all are partial, those with a way up. */
function selectMeasured(events) {
  const whole = events.filter(({ complete }) => complete !== false);
  if (whole.length) return whole;
  return events.filter(({ has_ascent: hasAscent, ascent_s: ascent }) => hasAscent ?? Number.isFinite(ascent));
}

const isSameTime = (a, b) => Math.abs(a - b) < SAME_TIME_S;

const isSameEvent = (a, b) =>
  a.name === b.name &&
  isSameTime(a.start_s, b.start_s) &&
  isSameTime(a.end_s, b.end_s) &&
  (a.side ?? null) === (b.side ?? null);
