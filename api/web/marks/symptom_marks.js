/** The marks of a clip, in the format of docs/marks.md, and where on the picture a symptom report belongs. */

import { isKnownPoint } from "../player/overlay_drawing.js";

const MAX_DISTANCE_TRUNKS = 0.6; // a tap further than this from every place means none of them; chosen
const SHOWN_WITHIN_S = 0.25; // a report is drawn this close to its time; chosen

/** Create a symptom report without its empty fields. `moment` is {at_s}, {rep}, {hold} or {stage, side}. */
export function createReport({ moment, level, where, word, familiar, on_release }) {
  const report = { ...moment, level };
  for (const [name, value] of Object.entries({ where, word, familiar, on_release })) {
    if (value !== null && value !== undefined && value !== "") report[name] = value;
  }
  return report;
}

/** Add a report to the marks. */
export const addReport = (marks, report) => ({ ...marks, reports: [...(marks.reports ?? []), report] });

/** Remove the first report that equals `report` from the marks. */
export function removeReport(marks, report) {
  const reports = marks.reports ?? [];
  const index = reports.findIndex((other) => isSameReport(other, report));
  return { ...marks, reports: reports.filter((_, i) => i !== index) };
}

/** Compare two reports; a missing field equals null. */
const isSameReport = (a, b) => Object.keys({ ...a, ...b }).every((name) => (a[name] ?? null) === (b[name] ?? null));

/** Get the corrected stages that apply to a movement. */
export const getCorrectedStages = (marks, movement) =>
  (marks?.stages ?? []).filter((stage) => !stage.movement || stage.movement === movement);

/**
 * Replace the corrected stages of a movement; those of other movements stay.
 * @param {any} marks
 * @param {any[]} stages
 * @param {string|null} [movement]
 */
export function setCorrectedStages(marks, stages, movement = null) {
  const others = (marks.stages ?? []).filter((stage) => stage.movement && stage.movement !== movement);
  const all = [...others, ...stages.map((stage) => (movement ? { ...stage, movement } : stage))];
  return setFields(marks, { stages: all.length ? all : null });
}

/** Set some fields of the marks; null removes a field. */
export function setFields(marks, fields) {
  const updated = { ...marks, ...fields };
  for (const [name, value] of Object.entries(fields)) if (value === null) delete updated[name];
  return updated;
}

/** Add answers to the screening questions. */
export const addAnswers = (marks, answers) => ({ ...marks, screen: { ...(marks.screen ?? {}), ...answers } });

/** Get the time of a report: its own, or that of its event; null if that event is not in this clip. */
export function getReportTime(report, events) {
  if (Number.isFinite(report.at_s)) return report.at_s;
  const event = events.find(
    ({ kind, mark }) =>
      (report[kind] ?? null) !== null &&
      mark[kind] === report[kind] &&
      (kind !== "stage" || !report.side || mark.side === report.side),
  );
  return event?.at_s ?? null;
}

/** Get a joint of the near side in the points of a frame; null if it was not detected. */
function getNearJoint(overlay, points, name) {
  const point = points[overlay.names.indexOf(`near_${name}`)];
  return isKnownPoint(point) ? point : null;
}

/** Locate the places of the body in one frame: {place: [x, y] or null}, in pixels of the clip. */
export function locateBodyPlaces(overlay, index) {
  const points = overlay.points_px?.[index] ?? [];
  const [shoulder, hip, knee, ankle] = ["shoulder", "hip", "knee", "ankle"].map((name) =>
    getNearJoint(overlay, points, name),
  );
  const backLine = overlay.back?.line_px?.[index]?.filter(isKnownPoint);
  return {
    back: backLine?.length ? backLine[backLine.length >> 1] : getMidpoint(shoulder, hip),
    buttock: hip,
    thigh: getMidpoint(hip, knee),
    below_knee: getMidpoint(knee, ankle),
  };
}

/**
 * Find the place of the body nearest to a tap; null if none is near.
 * @param {any} overlay overlay.json
 * @param {number} index of the frame
 * @param {import("../player/overlay_drawing.js").Point} tap
 */
export function findBodyPlace(overlay, index, [x, y]) {
  const points = overlay.points_px?.[index] ?? [];
  const [shoulder, hip] = [getNearJoint(overlay, points, "shoulder"), getNearJoint(overlay, points, "hip")];
  const trunk_px = shoulder && hip ? Math.hypot(shoulder[0] - hip[0], shoulder[1] - hip[1]) : null;
  /** @type {string|null} */
  let nearest = null;
  let least_px = trunk_px === null ? 0.15 * overlay.height_px : MAX_DISTANCE_TRUNKS * trunk_px;
  for (const [place, at] of Object.entries(locateBodyPlaces(overlay, index))) {
    const distance_px = at ? Math.hypot(at[0] - x, at[1] - y) : Infinity;
    if (distance_px < least_px) [nearest, least_px] = [place, distance_px];
  }
  return nearest;
}

/**
 * Place the reports to draw on a frame.
 * @returns {import("../player/overlay_drawing.js").PlacedReport[]}
 */
export function placeReports(overlay, index, reports, events) {
  const now = overlay.times_s[index];
  return reports.flatMap((report) => {
    const time = getReportTime(report, events);
    if (time === null || Math.abs(time - now) > SHOWN_WITHIN_S) return [];
    const places = locateBodyPlaces(overlay, index);
    return report.where in places ? [{ at: places[report.where], level: report.level }] : [];
  });
}

const getMidpoint = (a, b) => (a && b ? [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] : null);
