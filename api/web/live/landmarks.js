/** Landmarks of the pose model in one sample of the camera: indices, mid-points, lengths. */

/**
 * @typedef {object} LivePerson
 * @property {ArrayLike<number>} points 33 times x, y in pixels of the upright picture, and visibility 0 to 1
 * @property {ArrayLike<number>} world 33 times x, y, z in metres: x right, y down, z away from the camera
 *
 * @typedef {object} LiveSample
 * @property {number} time_s increasing
 * @property {number} width_px
 * @property {number} height_px
 * @property {number | null} brightness mean of the picture, 0 to 255; null where it was not measured
 * @property {LivePerson[]} people
 * @property {number | null} [roll_deg] of the phone by its sensor, + the picture is turned clockwise
 *
 * @typedef {{x: number, y: number}} Point pixels, x right and y down
 */

export const LEFT = { ear: 7, shoulder: 11, elbow: 13, wrist: 15, hip: 23, knee: 25, ankle: 27, heel: 29, toe: 31 };
/** The right landmark of a pair follows the left one. */
export const RIGHT = { ear: 8, shoulder: 12, elbow: 14, wrist: 16, hip: 24, knee: 26, ankle: 28, heel: 30, toe: 32 };
export const LANDMARK_COUNT = 33;

const STATURE_SHARE = 0.779; // of the stature from ankle to shoulder: Drillis & Contini 1966

/**
 * Get a landmark in the picture.
 * @param {LivePerson} person
 * @param {number} index
 * @returns {Point}
 */
export function getPoint(person, index) {
  return { x: person.points[3 * index], y: person.points[3 * index + 1] };
}

/** Get how sure the model is that a landmark is visible, 0 to 1. */
export function getVisibility(person, index) {
  return person.points[3 * index + 2];
}

/**
 * Get the middle of a pair of landmarks: it hardly depends on the camera's yaw.
 * @param {LivePerson} person
 * @param {keyof typeof LEFT} joint
 * @returns {Point}
 */
export function getMiddle(person, joint) {
  const [left, right] = [getPoint(person, LEFT[joint]), getPoint(person, RIGHT[joint])];
  return { x: (left.x + right.x) / 2, y: (left.y + right.y) / 2 };
}

/** Get the distance of two points, pixels. */
export function getDistance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/**
 * Estimate the stature from trunk, thigh and shin: the same in every posture.
 * @param {LivePerson} person
 * @param {number} [cosine] of the yaw, by which widths in the picture are shortened
 * @returns {number} pixels
 */
export function estimateStature(person, cosine = 1) {
  const chain = /** @type {const} */ (["shoulder", "hip", "knee", "ankle"]).map((joint) => getMiddle(person, joint));
  let length = 0;
  for (let i = 1; i < chain.length; i++)
    length += Math.hypot((chain[i].x - chain[i - 1].x) / cosine, chain[i].y - chain[i - 1].y);
  return length / STATURE_SHARE;
}

/**
 * Get the box around all landmarks.
 * @param {LivePerson} person
 */
export function getBox(person) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let i = 0; i < LANDMARK_COUNT; i++) {
    const { x, y } = getPoint(person, i);
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

/** Get the median of numbers; NaN of none. */
export function getMedian(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
