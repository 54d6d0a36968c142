/** The lines over the video: skeleton, line of the back coloured by its change, path of the load. */

const EDGE = "rgba(10, 12, 16, 0.75)";
const NEAR = "#ffffff";
const FAR = "rgba(255, 255, 255, 0.55)";
const LOAD = "#e69f00";
export const BACK = { little: "#009e73", some: "#f0e442", much: "#cc79a7" }; // Okabe and Ito; as in the report
const SOME_DEG = 8; // as in the report
const MUCH_DEG = 20;
const UNKNOWN = "#9aa4af";

/**
 * How large a change of the back is: "little", "some", "much"; null where it is not known.
 * @param {number} change in degrees
 */
function stepOf(change) {
  if (!Number.isFinite(change)) return null;
  const size = Math.abs(change);
  return size < SOME_DEG ? "little" : size <= MUCH_DEG ? "some" : "much";
}

/** Draw frame `index` of `data` (overlay.json) over the whole canvas; `shown` is {skeleton, back, load}. */
export function drawOverlay(canvas, data, index, shown, felt = []) {
  const context = contextOf(canvas);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!data || !canvas.width) return;
  context.scale(canvas.width / data.width_px, canvas.height / data.height_px);
  const perCss = data.width_px / (canvas.clientWidth || data.width_px);
  const unit = Math.max(0.8, Math.min(1.4, canvas.clientWidth / 420)) * perCss;
  context.lineCap = context.lineJoin = "round";
  const points = data.points_px?.[index] ?? [];
  if (shown.load) drawLoad(context, data.load?.path, index, unit);
  if (shown.skeleton) drawSkeleton(context, data, points, unit);
  if (shown.back) drawBack(context, data.back, index, unit);
  for (const place of felt) drawFelt(context, place, unit);
}

function drawSkeleton(context, data, points, unit) {
  for (const near of [false, true]) {
    for (const edge of [true, false]) {
      for (const [a, b] of data.lines ?? []) {
        const isNear = Boolean(data.near?.[a] ?? true) && Boolean(data.near?.[b] ?? true);
        if (isNear !== near || !known(points[a]) || !known(points[b])) continue;
        stroke(
          context,
          [points[a], points[b]],
          edge ? EDGE : near ? NEAR : FAR,
          (near ? 2.4 : 1.6) * unit + (edge ? 1.8 * unit : 0),
        );
      }
    }
  }
  const used = new Set((data.lines ?? []).flat());
  for (const at of used) {
    if (!known(points[at]) || data.near?.[at] === false) continue;
    dot(context, points[at], 3.4 * unit, EDGE);
    dot(context, points[at], 2.4 * unit, NEAR);
  }
}

function drawBack(context, back, index, unit) {
  const line = back?.line_px?.[index]?.filter(known);
  if (!line || line.length < 2) return;
  const step = stepOf(back.change_deg?.[index]);
  const colour = step ? BACK[step] : UNKNOWN;
  stroke(context, line, EDGE, 6.6 * unit);
  stroke(context, line, colour, 4.4 * unit);
}

function drawLoad(context, path, index, unit) {
  if (!path) return;
  const pieces = [];
  let piece = [];
  for (let i = 0; i <= index; i++) {
    if (known(path[i])) piece.push(path[i]);
    else if (piece.length) {
      pieces.push(piece);
      piece = [];
    }
  }
  pieces.push(piece);
  for (const { colour, width } of [
    { colour: EDGE, width: 4 },
    { colour: LOAD, width: 2.2 },
  ]) {
    for (const one of pieces) if (one.length > 1) stroke(context, one, colour, width * unit);
  }
  if (known(path[index])) {
    context.beginPath();
    context.arc(path[index][0], path[index][1], 7 * unit, 0, 2 * Math.PI);
    context.lineWidth = 2.2 * unit;
    context.strokeStyle = LOAD;
    context.stroke();
  }
}

function drawFelt(context, { at, level }, unit) {
  if (!known(at)) return;
  dot(context, at, 12 * unit, EDGE);
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

/** @typedef {[x: number, y: number]} Point in pixels of the clip */

export const known = (point) => Boolean(point) && Number.isFinite(point[0]) && Number.isFinite(point[1]);

/**
 * What draws on a canvas.
 * @param {HTMLCanvasElement} canvas
 */
export function contextOf(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser draws nothing");
  return context;
}

/** Give a canvas as many pixels as it covers on this screen. */
export function fitCanvas(canvas) {
  const scale = Math.min(3, window.devicePixelRatio || 1);
  const width = Math.round(canvas.clientWidth * scale);
  const height = Math.round(canvas.clientHeight * scale);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  return scale;
}
