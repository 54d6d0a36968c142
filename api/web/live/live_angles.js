/**
 * Camera yaw and body angles while filming: a light preview of what the analysis fits to the whole clip.
 *
 * Zeros and signs are those of the result: a person who stands has angles of 0, forward and bent is +.
 */

import { getDistance, getMedian, getMiddle, LEFT, RIGHT } from "./landmarks.js";

/**
 * @typedef {object} LiveAngles
 * @property {number} trunk_deg inclination of the trunk
 * @property {number} fold_deg trunk-thigh angle
 * @property {number} knee_deg flexion of the knees
 * @property {number} thigh_deg inclination of the thighs, - hips behind the knees
 * @property {number} line_deg shoulder-hip-ankle line of a plank, + hips up, - hips down
 *
 * @typedef {object} CameraView
 * @property {number} yaw_deg off the side view, -90 to 90: + the camera sees the front, - the back
 * @property {1 | -1} facing 1 the person faces the picture's right, -1 its left
 */

const YAW_WINDOW_S = 1.5; // the yaw is a median over this time; chosen
const MIN_YAW_SAMPLES = 4; // fewer give no yaw; chosen
const MIN_COSINE = 0.5; // widths in the picture are not stretched further; chosen
const WIDTH_SHARE = 0.3; // of the yaw from the picture's widths, the rest from the model's depth; chosen on 75 clips
const SHOULDER_WIDTH = 0.85; // distance of the shoulder landmarks seen from the front, trunk lengths; 75 clips
const HIP_WIDTH = 0.55; // likewise of the hip landmarks; 75 clips
const MAX_WIDTH_SINE = 0.85; // wider: the front or back is seen, where widths say little; chosen
// The model reads trunk-thigh and knee a little short of the fitted body; fitted on 67 reps of 32 clips.
const FOLD_FACTOR = 1.02;
const KNEE_FACTOR = 1.025;

/** Estimates the camera view from the last samples. */
export class ViewEstimator {
  constructor() {
    /** @type {{time_s: number, forward: number, towards: number, widths: number}[]} */
    this.window = [];
  }

  /**
   * Add a person's sample and get the view; null while too little is known.
   * @param {import("./landmarks.js").LivePerson} person
   * @param {number} time_s
   * @returns {CameraView | null}
   */
  update(person, time_s) {
    this.window = this.window.filter((each) => each.time_s > time_s - YAW_WINDOW_S && each.time_s < time_s);
    this.window.push({ time_s, ...measureDirection(person) });
    if (this.window.length < MIN_YAW_SAMPLES) return null;
    const forward = getMedian(this.window.map((each) => each.forward));
    const towards = getMedian(this.window.map((each) => each.towards));
    const widths = getMedian(this.window.map((each) => each.widths));
    const depth_deg = toDegrees(Math.atan2(towards, Math.abs(forward)));
    const widths_deg = toDegrees(Math.asin(clamp(widths, -MAX_WIDTH_SINE, MAX_WIDTH_SINE)));
    const share = Math.abs(widths) < MAX_WIDTH_SINE ? WIDTH_SHARE : 0;
    return { yaw_deg: (1 - share) * depth_deg + share * widths_deg, facing: forward >= 0 ? 1 : -1 };
  }

  /** Forget the samples, as for another person. */
  reset() {
    this.window = [];
  }
}

/**
 * Measure which way a person faces: across shoulders and hips, in the model's depth and in the picture.
 * @param {import("./landmarks.js").LivePerson} person
 * @returns {{forward: number, towards: number, widths: number}} cosine to the picture's right, sine towards the
 *   camera, and the same sine from the widths in the picture
 */
export function measureDirection({ points, world }) {
  let [right, away] = [0, 0];
  for (const joint of /** @type {const} */ (["shoulder", "hip"])) {
    right += world[3 * LEFT[joint]] - world[3 * RIGHT[joint]];
    away += world[3 * LEFT[joint] + 2] - world[3 * RIGHT[joint] + 2];
  }
  const length = Math.hypot(right, away) || 1;
  const trunk_px = getDistance(getMiddle({ points, world }, "shoulder"), getMiddle({ points, world }, "hip"));
  const width = (joint) => (points[3 * LEFT[joint]] - points[3 * RIGHT[joint]]) / Math.max(trunk_px, 1);
  return {
    forward: away / length,
    towards: right / length,
    widths: (width("shoulder") / SHOULDER_WIDTH + width("hip") / HIP_WIDTH) / 2,
  };
}

/**
 * Compute the angles of one sample from mid-points of left and right, corrected for the yaw.
 * @param {import("./landmarks.js").LivePerson} person
 * @param {CameraView} view
 * @param {number} [roll_deg] of the picture, + turned clockwise
 * @returns {LiveAngles}
 */
export function computeAngles(person, view, roll_deg = 0) {
  const cosine = Math.max(Math.cos(toRadians(view.yaw_deg)), MIN_COSINE);
  const [sine_roll, cosine_roll] = [Math.sin(toRadians(roll_deg)), Math.cos(toRadians(roll_deg))];
  const [shoulder, hip, knee, ankle] = /** @type {const} */ (["shoulder", "hip", "knee", "ankle"]).map((joint) => {
    const { x, y } = getMiddle(person, joint);
    const across = x * cosine_roll + y * sine_roll;
    return { forward: (view.facing * across) / cosine, up: x * sine_roll - y * cosine_roll };
  });
  const trunk_deg = inclination(hip, shoulder);
  const thigh_deg = inclination(knee, hip);
  const line_deg = wrap(inclination(hip, shoulder) - inclination(ankle, hip));
  return {
    trunk_deg,
    fold_deg: FOLD_FACTOR * wrap(trunk_deg - thigh_deg),
    knee_deg: KNEE_FACTOR * wrap(inclination(ankle, knee) - thigh_deg),
    thigh_deg,
    line_deg,
  };
}

/** Get the inclination of the line between two points: 0 upright, + forward. */
function inclination(from, to) {
  return toDegrees(Math.atan2(to.forward - from.forward, to.up - from.up));
}

/** Wrap degrees to -180 to 180. */
function wrap(deg) {
  return ((((deg + 180) % 360) + 360) % 360) - 180;
}

function toDegrees(radians) {
  return (radians * 180) / Math.PI;
}

function toRadians(degrees) {
  return (degrees * Math.PI) / 180;
}

function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}
