/** What the client reports, in the marks file's own format, and which part of the body a tap means. */

import { known } from "./overlay.js";

export const PLACES = ["back", "buttock", "thigh", "below_knee"];
export const WORDS = ["stretch", "ache", "sharp", "pins_and_needles", "my_usual"];
const REACH_TRUNKS = 0.6; // a tap further than this from every part means none of them; chosen

/** A report with only what was said. */
export function reportOf({ place, level, where, word, familiar, on_release }) {
  const report = { ...place, level };
  for (const [name, value] of Object.entries({ where, word, familiar, on_release })) {
    if (value !== null && value !== undefined && value !== "") report[name] = value;
  }
  return report;
}

/** Marks with one report more, or without one that says this. The rest of the file stays as it is. */
export const withReport = (marks, report) => ({ ...marks, reports: [...(marks.reports ?? []), report] });
export function withoutReport(marks, report) {
  const at = (marks.reports ?? []).findIndex((one) => sameReport(one, report));
  return { ...marks, reports: (marks.reports ?? []).filter((_, i) => i !== at) };
}
/** The corrected stages that count for a movement. */
export const stagesOf = (marks, movement) =>
  (marks?.stages ?? []).filter((one) => !one.movement || one.movement === movement);
/** Marks with these corrected stages of a movement; those of other movements stay. */
export function withStages(marks, stages, movement = null) {
  const others = (marks.stages ?? []).filter((one) => one.movement && one.movement !== movement);
  const own = stages.map((one) => (movement ? { ...one, movement } : one));
  const all = [...others, ...own];
  return withFields(marks, { stages: all.length ? all : null });
}
/** Marks with some fields changed; null takes one out. */
export function withFields(marks, fields) {
  const now = { ...marks, ...fields };
  for (const [name, value] of Object.entries(fields)) if (value === null) delete now[name];
  return now;
}
export const withAnswers = (marks, answers) => ({ ...marks, screen: { ...(marks.screen ?? {}), ...answers } });

/** Whether two reports say the same; what one leaves out the other may hold as null. */
function sameReport(one, other) {
  return Object.keys({ ...one, ...other }).every((name) => (one[name] ?? null) === (other[name] ?? null));
}

/** The time a report is of: its own, or that of its rep, hold or stage; null when that is not in this clip. */
export function timeOf(report, bands) {
  if (Number.isFinite(report.at_s)) return report.at_s;
  const band = bands.find(
    ({ kind, mark }) =>
      report[kind] !== undefined &&
      report[kind] !== null &&
      mark[kind] === report[kind] &&
      (kind !== "stage" || !report.side || mark.side === report.side),
  );
  return band?.at_s ?? null;
}

/** The near side's joint by its name, in a frame's points; null where it was not seen. */
function joint(overlay, points, name) {
  const point = points[overlay.names.indexOf(`near_${name}`)];
  return known(point) ? point : null;
}

/** Where on the picture each part of the body is, in one frame: {part: [x, y] or null}. */
export function placesIn(overlay, index) {
  const points = overlay.points_px?.[index] ?? [];
  const [shoulder, hip, knee, ankle] = ["shoulder", "hip", "knee", "ankle"].map((name) => joint(overlay, points, name));
  const line = overlay.back?.line_px?.[index]?.filter(known);
  return {
    back: line?.length ? line[line.length >> 1] : between(shoulder, hip),
    buttock: hip,
    thigh: between(hip, knee),
    below_knee: between(knee, ankle),
  };
}

/**
 * The part of the body nearest to a tap; null when it is not near any.
 * @param {any} overlay overlay.json
 * @param {number} index
 * @param {import("./overlay.js").Point} at
 */
export function partAt(overlay, index, [x, y]) {
  const places = placesIn(overlay, index);
  const points = overlay.points_px?.[index] ?? [];
  const [shoulder, hip] = [joint(overlay, points, "shoulder"), joint(overlay, points, "hip")];
  const reach =
    shoulder && hip ? REACH_TRUNKS * Math.hypot(shoulder[0] - hip[0], shoulder[1] - hip[1]) : 0.15 * overlay.height_px;
  /** @type {string|null} */
  let best = null;
  let least = reach;
  for (const [part, at] of Object.entries(places)) {
    const far = at ? Math.hypot(at[0] - x, at[1] - y) : Infinity;
    if (far < least) [best, least] = [part, far];
  }
  return best;
}

/** What is drawn on frame `index`: reports within a quarter of a second of it, where their part is. */
export function feltIn(overlay, index, reports, bands) {
  const now = overlay.times_s[index];
  return reports.flatMap((report) => {
    const time = timeOf(report, bands);
    if (time === null || !PLACES.includes(report.where) || Math.abs(time - now) > 0.25) return [];
    return [{ at: placesIn(overlay, index)[report.where], level: report.level }];
  });
}

function between(a, b) {
  return a && b ? [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] : null;
}
