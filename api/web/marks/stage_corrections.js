/** Corrections of stages: how a corrected stage changes its neighbours, and what is stored in the marks. */

const TOUCH_S = 0.05; // a stage that begins this soon after another one follows it; chosen

/**
 * @typedef {object} EditableStage
 * @property {string} name
 * @property {string|null} side
 * @property {number} start_s
 * @property {number} end_s
 * @property {boolean} isCorrected set by the coach, not detected
 */

/**
 * Merge the detected stages of a result with the stored corrections. Detected stages give way to corrected ones, as in
 * the next result.
 * @returns {EditableStage[]} in order of time
 */
export function mergeCorrections(stages, corrections) {
  const detected = stages.map((stage) => ({ ...normalizeStage(stage), isCorrected: false }));
  const corrected = [...corrections].sort(compareStart).map((correction) => {
    const candidates = detected.filter((stage) => refersTo(correction, stage));
    const exact = candidates.find((stage) => stage.start_s === roundToMs(correction.start_s));
    const replaced = exact ?? (candidates.length === 1 ? candidates[0] : findLargestOverlap(correction, candidates));
    if (replaced) detected.splice(detected.indexOf(replaced), 1);
    return { ...normalizeStage(correction), side: correction.side ?? replaced?.side ?? null, isCorrected: true };
  });
  const remaining = detected.map((stage) => subtractAll(stage, corrected));
  return [...corrected, ...remaining.filter((stage) => stage !== null)].sort(compareStart);
}

/**
 * Change (`before` to `after`), add (`before` is null) or remove (`after` is null) one stage of a list. Time taken from
 * the stage goes to its neighbour, time that it needs is taken from there. All stages involved become corrected.
 */
export function applyCorrection(list, before, after) {
  const next = after && normalizeStage(after);
  const others = list
    .filter((stage) => stage !== before)
    .map((stage) => {
      const rest = next ? subtract(stage, next) : stage;
      if (!rest) return null;
      // A detected stage of the same name would be replaced by the new one unless it is corrected too.
      return (next && refersTo(next, stage)) || rest !== stage ? { ...rest, isCorrected: true } : rest;
    })
    .filter((stage) => stage !== null);
  for (const [from, to] of before ? listFreedSpans(before, next) : []) {
    const index = others.indexOf(findSuccessor(others, from, to, !next));
    if (index < 0) continue;
    const stage = others[index];
    const extended = stage.start_s < from ? { ...stage, end_s: to } : { ...stage, start_s: from };
    others[index] = { ...extended, isCorrected: true };
  }
  const all = next ? [...others, { ...next, isCorrected: true }] : others;
  // Of a detected stage that was renamed, the time that no other stage took over keeps the detected name.
  const isRenamed = before && next && !before.isCorrected && !refersTo(next, before);
  const rest =
    isRenamed &&
    all.filter(({ isCorrected }) => isCorrected).reduce((left, stage) => left && subtract(left, stage), before);
  return (rest ? [...all, { ...rest, isCorrected: true }] : all).sort(compareStart);
}

/** Find the stage that takes over the time of a stage when it is removed; null if there is none. */
export const findHeir = (list, stage) =>
  findSuccessor(
    list.filter((other) => other !== stage),
    stage.start_s,
    stage.end_s,
    true,
  );

/**
 * Tell why a correction cannot be made: "name", "order", "leg" or "alone"; null if it can. `oneLegStages` are the names
 * of stages that need a leg.
 */
export function checkCorrection(list, before, after, oneLegStages = []) {
  const next = after && normalizeStage(after);
  if (!next) return before.isCorrected || findHeir(list, before) ? null : "alone";
  if (!next.name) return "name";
  if (!(next.end_s > next.start_s)) return "order";
  if (oneLegStages.includes(next.name) && !next.side) return "leg";
  return null;
}

/** Find a report whose stage would be missing or ambiguous after a change; null if there is none. */
export const findOrphanedReport = (reports, before, after) =>
  reports.find((report) => report.stage && countLegs(report, before) === 1 && countLegs(report, after) !== 1) ?? null;

/** List the corrected stages in the format of the marks. */
export const toStoredStages = (list) =>
  list
    .filter(({ isCorrected }) => isCorrected)
    .map(({ name, side, start_s, end_s }) => ({ name, start_s, end_s, ...(side ? { side } : {}) }));

/** Find an equal stage in another list; null if there is none. */
export const findSameStage = (list, stage) =>
  list.find((other) => ["name", "side", "start_s", "end_s"].every((field) => other[field] === stage[field])) ?? null;

/** Create an unnamed stage from `time` to the end of the stage there, the start of the next one, or `clipEnd`. */
export function createStageAt(list, time, clipEnd) {
  const current = list.find((stage) => stage.start_s <= time && time < stage.end_s);
  const next = list.find((stage) => stage.start_s > time);
  return { name: "", side: null, start_s: time, end_s: current?.end_s ?? next?.start_s ?? clipEnd };
}

/** Round seconds to milliseconds, as they are stored, so that equal times compare equal. */
export const roundToMs = (seconds) => Math.round(seconds * 1000) / 1000;

/** Reduce a stage to its name, side and rounded times. */
const normalizeStage = ({ name, side, start_s, end_s }) => ({
  name,
  side: side ?? null,
  start_s: roundToMs(start_s),
  end_s: roundToMs(end_s),
});

const compareStart = (a, b) => a.start_s - b.start_s;

/** Tell whether a mark with this name and side refers to a stage; without a side it refers to either leg. */
const refersTo = (mark, stage) => mark.name === stage.name && (!mark.side || mark.side === stage.side);

/** Find the stage with the largest overlap in time; null if none overlaps. */
function findLargestOverlap(stage, others) {
  const overlap_s = (other) => Math.min(stage.end_s, other.end_s) - Math.max(stage.start_s, other.start_s);
  return others.filter((other) => overlap_s(other) > 0).sort((a, b) => overlap_s(b) - overlap_s(a))[0] ?? null;
}

/** Count the legs for which there is a stage that a report refers to. */
const countLegs = ({ stage, side }, list) =>
  new Set(list.filter((other) => refersTo({ name: stage, side }, other)).map((other) => other.side)).size;

/** Get the longest part of a stage that others, in order of time, leave; null if there is none. */
function subtractAll(stage, others) {
  const starts = others.map((other) => other.start_s);
  const parts = [...starts, stage.end_s].map((end, i) => ({
    start_s: Math.max(stage.start_s, ...others.slice(0, i).map((other) => other.end_s)),
    end_s: Math.min(end, stage.end_s),
  }));
  const duration_s = ({ start_s, end_s }) => end_s - start_s;
  const longest = parts.reduce((best, part) => (duration_s(part) > duration_s(best) ? part : best));
  return duration_s(longest) > 0 ? { ...stage, ...longest } : null;
}

/** Get the longer end of a stage that another one leaves; null if there is none. */
function subtract(stage, other) {
  if (other.end_s <= stage.start_s || other.start_s >= stage.end_s) return stage;
  const [before_s, after_s] = [other.start_s - stage.start_s, stage.end_s - other.end_s];
  if (before_s <= 0 && after_s <= 0) return null;
  return before_s >= after_s ? { ...stage, end_s: other.start_s } : { ...stage, start_s: other.end_s };
}

/** List the spans [from, to] that a change takes from a stage. */
function listFreedSpans(before, next) {
  if (!next || next.end_s <= before.start_s || next.start_s >= before.end_s) return [[before.start_s, before.end_s]];
  return [
    [before.start_s, next.start_s],
    [next.end_s, before.end_s],
  ].filter(([from, to]) => to > from);
}

/** Find the stage that takes over a span: the one before it, else the one after; `acrossGaps`: also if it is apart. */
function findSuccessor(others, from, to, acrossGaps) {
  const before = others.findLast((stage) => stage.end_s <= from + TOUCH_S);
  const after = others.find((stage) => stage.start_s >= to - TOUCH_S);
  if (before?.end_s >= from - TOUCH_S) return before;
  if (after?.start_s <= to + TOUCH_S) return after;
  return acrossGaps ? (before ?? after ?? null) : null;
}
