/** Drawing over the video: skeleton, back line coloured by its change, load path, symptom reports. */

import { getVocabulary } from "../core/vocabulary.js";

const OUTLINE_COLOUR = "rgba(10, 12, 16, 0.75)";
const NEAR_COLOUR = "#ffffff";
const FAR_COLOUR = "rgba(255, 255, 255, 0.55)";
const LOAD_COLOUR = "#e69f00";
const UNKNOWN_COLOUR = "#9aa4af";

/**
 * Grade a change of the back: "little", "some" or "much"; null if it is unknown.
 * @param {number} change_deg
 */
export function gradeBackChange(change_deg) {
  if (!Number.isFinite(change_deg)) return null;
  const size_deg = Math.abs(change_deg);
  const { some, much } = getVocabulary().rounding_limits_deg;
  return size_deg < some ? "little" : size_deg <= much ? "some" : "much";
}

/**
 * Draw one frame.
 * @param {HTMLCanvasElement} canvas
 * @param {any} data overlay.json
 * @param {number} index of the frame
 * @param {Record<string, boolean>} visibleLines {skeleton, back, load}
 * @param {PlacedReport[]} [reports]
 */
export function drawOverlay(canvas, data, index, visibleLines, reports = []) {
  const context = getContext2d(canvas);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!data || !canvas.width) return;
  context.scale(canvas.width / data.width_px, canvas.height / data.height_px);
  const clipPxPerCssPx = data.width_px / (canvas.clientWidth || data.width_px);
  const unit = Math.max(0.8, Math.min(1.4, canvas.clientWidth / 420)) * clipPxPerCssPx;
  context.lineCap = context.lineJoin = "round";
  if (visibleLines.load) drawLoad(context, data.load?.path, index, unit);
  if (visibleLines.skeleton) drawSkeleton(context, data, index, unit);
  if (visibleLines.back) drawBack(context, data.back, index, unit);
  for (const report of reports) drawReport(context, report, unit);
}

/** Draw the far side, then the near side over it; lines of the near side with an uncertain end are dashed. */
function drawSkeleton(context, data, index, unit) {
  const points = data.points_px?.[index] ?? [];
  const uncertain = new Set(data.uncertain?.[index] ?? []);
  const lines = (data.lines ?? []).filter((ends) => ends.every((at) => isKnownPoint(points[at])));
  const isNear = (at) => data.near?.[at] !== false;
  const farLines = lines.filter((ends) => !ends.every(isNear));
  const nearLines = lines.filter((ends) => ends.every(isNear));
  const isUncertain = (ends) => ends.some((at) => uncertain.has(at));
  const sureLines = nearLines.filter((ends) => !isUncertain(ends));

  const draw = (some, colour, width) => {
    for (const [a, b] of some) stroke(context, [points[a], points[b]], colour, width * unit);
  };
  draw(farLines, OUTLINE_COLOUR, 3.4);
  draw(farLines, FAR_COLOUR, 1.6);
  draw(sureLines, OUTLINE_COLOUR, 4.2);
  draw(sureLines, NEAR_COLOUR, 2.4);
  context.setLineDash([4 * unit, 5 * unit]);
  draw(nearLines.filter(isUncertain), OUTLINE_COLOUR, 3.2);
  draw(nearLines.filter(isUncertain), NEAR_COLOUR, 1.6);
  context.setLineDash([]);

  for (const at of new Set((data.lines ?? []).flat())) {
    if (!isKnownPoint(points[at]) || !isNear(at)) continue;
    dot(context, points[at], 3.4 * unit, OUTLINE_COLOUR);
    dot(context, points[at], 2.4 * unit, uncertain.has(at) ? FAR_COLOUR : NEAR_COLOUR);
  }
}

function drawBack(context, back, index, unit) {
  const line = back?.line_px?.[index]?.filter(isKnownPoint);
  if (!line || line.length < 2) return;
  const step = gradeBackChange(back.change_deg?.[index]);
  const colour = step ? getVocabulary().rounding_colours[step] : UNKNOWN_COLOUR;
  stroke(context, line, OUTLINE_COLOUR, 6.6 * unit);
  stroke(context, line, colour, 4.4 * unit);
}

function drawLoad(context, path, index, unit) {
  if (!path) return;
  const pieces = [];
  let piece = [];
  for (let i = 0; i <= index; i++) {
    if (isKnownPoint(path[i])) piece.push(path[i]);
    else if (piece.length) {
      pieces.push(piece);
      piece = [];
    }
  }
  pieces.push(piece);
  for (const { colour, width } of [
    { colour: OUTLINE_COLOUR, width: 4 },
    { colour: LOAD_COLOUR, width: 2.2 },
  ]) {
    for (const one of pieces) if (one.length > 1) stroke(context, one, colour, width * unit);
  }
  if (isKnownPoint(path[index])) {
    context.beginPath();
    context.arc(path[index][0], path[index][1], 7 * unit, 0, 2 * Math.PI);
    context.lineWidth = 2.2 * unit;
    context.strokeStyle = LOAD_COLOUR;
    context.stroke();
  }
}

function drawReport(context, { at, level }, unit) {
  if (!isKnownPoint(at)) return;
  dot(context, at, 12 * unit, OUTLINE_COLOUR);
  dot(context, at, 10.5 * unit, "#ffffff");
  context.fillStyle = "#14181d";
  context.font = `700 ${13 * unit}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(String(level), at[0], at[1] + 0.5 * unit);
}

function stroke(context, line, colour, width) {
  context.beginPath();
  context.moveTo(line[0][0], line[0][1]);
  for (const [x, y] of line.slice(1)) context.lineTo(x, y);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function dot(context, [x, y], radius, colour) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
}

/**
 * @typedef {[x: number, y: number]} Point in pixels of the clip
 * @typedef {{at: Point|null, level: number}} PlacedReport a symptom report with its place in the picture
 */

/** Tell whether a point was detected. */
export const isKnownPoint = (point) => Boolean(point) && Number.isFinite(point[0]) && Number.isFinite(point[1]);

/**
 * Get the 2D context of a canvas.
 * @param {HTMLCanvasElement} canvas
 */
export function getContext2d(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser has no 2D canvas");
  return context;
}

/**
 * Give a canvas as many pixels as it covers on this screen.
 * @returns {number} canvas pixels per CSS pixel
 */
export function fitCanvasToScreen(canvas) {
  const scale = Math.min(3, window.devicePixelRatio || 1);
  const width = Math.round(canvas.clientWidth * scale);
  const height = Math.round(canvas.clientHeight * scale);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  return scale;
}

/**
 * Tell whether the back line is known on any frame.
 * @param {any} overlay overlay.json
 */
export const hasBackLine = (overlay) => Boolean(overlay.back?.line_px?.some((line) => line?.some(isKnownPoint)));
