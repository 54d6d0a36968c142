/** The skeleton over the picture of the camera. */

import { LANDMARK_COUNT } from "./landmarks.js";

const BONES = [
  [11, 12], [11, 13], [13, 15], [12, 14], [14, 16], [11, 23], [12, 24], [23, 24],
  [23, 25], [25, 27], [24, 26], [26, 28], [27, 29], [29, 31], [28, 30], [30, 32], [7, 11], [8, 12],
]; // biome-ignore format: one body
const MIN_VISIBILITY = 0.3; // of the landmarks that are drawn; chosen
const COLOURS = { good: "#4ade9a", notYet: "#ffd166", other: "#ffffff" };

/**
 * Compute where a picture is within a box that shows all of it (`object-fit: contain`).
 * @param {{width: number, height: number}} box
 * @param {{width: number, height: number}} picture
 * @returns {{x: number, y: number, scale: number}} of the picture's corner in the box, and box pixels per picture pixel
 */
export function computePictureBox(box, picture) {
  const scale = Math.min(box.width / picture.width, box.height / picture.height) || 0;
  return { x: (box.width - picture.width * scale) / 2, y: (box.height - picture.height * scale) / 2, scale };
}

/** Draws people on a canvas that covers the video. */
export class LiveOverlay {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    /** @type {import("./landmarks.js").LiveSample|null} */
    this.sample = null;
  }

  /**
   * Draw the people of a sample: the one who is filmed in colour, solid when the picture is good and dashed when not yet.
   * @param {import("./landmarks.js").LiveSample} sample
   * @param {{subject: number|null, isGood: boolean}} state
   */
  draw(sample, { subject, isGood }) {
    const { context } = this;
    if (!context) return;
    this.sample = sample;
    const box = this.#resize();
    const place = computePictureBox(box, { width: sample.width_px, height: sample.height_px });
    context.clearRect(0, 0, box.width, box.height);
    context.lineCap = "round";
    for (const [index, person] of sample.people.entries()) {
      const isSubject = index === subject;
      const line = Math.max(box.height / 90, 3);
      context.setLineDash(isSubject && isGood ? [] : [2.5 * line, 2 * line]);
      for (const [colour, width] of [
        ["rgb(0 0 0 / 55%)", line + 3],
        [pickColour(isSubject, isGood), line],
      ]) {
        context.strokeStyle = /** @type {string} */ (colour);
        context.lineWidth = /** @type {number} */ (isSubject ? width : Number(width) / 2);
        context.stroke(tracePerson(person, place));
      }
    }
  }

  /** Remove the drawing. */
  clear() {
    this.sample = null;
    this.context?.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /**
   * Convert a place in the window into pixels of the picture; null outside of it or before the first sample.
   * @param {{clientX: number, clientY: number}} place
   */
  toPicture({ clientX, clientY }) {
    if (!this.sample) return null;
    const box = this.canvas.getBoundingClientRect();
    const { width_px, height_px } = this.sample;
    const { x, y, scale } = computePictureBox(box, { width: width_px, height: height_px });
    const [x_px, y_px] = [(clientX - box.left - x) / scale, (clientY - box.top - y) / scale];
    return x_px >= 0 && y_px >= 0 && x_px < width_px && y_px < height_px ? { x_px, y_px } : null;
  }

  /** Give the canvas the size at which it is shown. */
  #resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    return { width, height };
  }
}

const pickColour = (isSubject, isGood) => (!isSubject ? COLOURS.other : isGood ? COLOURS.good : COLOURS.notYet);

/**
 * @param {import("./landmarks.js").LivePerson} person
 * @param {{x: number, y: number, scale: number}} place
 */
function tracePerson({ points }, { x, y, scale }) {
  const path = new Path2D();
  if (points.length < 3 * LANDMARK_COUNT) return path;
  const at = (index) => /** @type {const} */ ([x + points[3 * index] * scale, y + points[3 * index + 1] * scale]);
  for (const [from, to] of BONES) {
    if (Math.min(points[3 * from + 2], points[3 * to + 2]) < MIN_VISIBILITY) continue;
    path.moveTo(...at(from));
    path.lineTo(...at(to));
  }
  return path;
}
