/** The posture of a person in one sample: standing tall, sitting, in a plank, lying. */

import { estimateStature, getDistance, getMiddle, getPoint, getVisibility, LEFT, RIGHT } from "./landmarks.js";

/** @typedef {"standing_tall" | "standing" | "sitting_tall" | "sitting" | "plank" | "lying" | "other"} Posture */

const TALL_TRUNK_DEG = 15; // trunk within this of the vertical; chosen on 68 clips
const TALL_FOLD_DEG = 20; // trunk and thighs in line within this; chosen on 68 clips
const TALL_KNEE_DEG = 20; // chosen on 68 clips
const SIT_THIGH_DEG = 50; // thighs at least this far off the vertical; as in analyzer/kinematics/baseline_posture.py
const SIT_TRUNK_DEG = 45; // a trunk that leans further is no sitting one; chosen
const SIT_TALL_DEG = 20; // tall within this of the vertical; chosen
// The posture of a plank, as in analyzer/movements/plank/posture.py.
const PLANK = { trunkFrom_deg: 45, trunkTo_deg: 130, fold_deg: 60, armFrom: 0.3, armTo: 1.5, hips: 0.3 };
const LYING_TRUNK_DEG = 60; // chosen
const LYING_HIP_SHARE = 0.15; // of the stature: hips this little above the feet lie on the floor; chosen
const STANDING_THIGH_DEG = 50; // thighs nearer to the vertical than this; chosen

/**
 * Tell the posture of a person.
 * @param {import("./landmarks.js").LivePerson} person
 * @param {import("./live_angles.js").LiveAngles} angles
 * @returns {Posture}
 */
export function classifyPosture(person, angles) {
  const { trunk_deg, fold_deg, knee_deg, thigh_deg } = angles;
  if (isPlank(person, angles)) return "plank";
  if (Math.abs(trunk_deg) > LYING_TRUNK_DEG && isHipLow(person)) return "lying";
  if (Math.abs(thigh_deg) > SIT_THIGH_DEG && Math.abs(trunk_deg) < SIT_TRUNK_DEG)
    return Math.abs(trunk_deg) < SIT_TALL_DEG ? "sitting_tall" : "sitting";
  const isTall =
    Math.abs(trunk_deg) < TALL_TRUNK_DEG && Math.abs(fold_deg) < TALL_FOLD_DEG && Math.abs(knee_deg) < TALL_KNEE_DEG;
  if (isTall) return "standing_tall";
  return Math.abs(thigh_deg) < STANDING_THIGH_DEG ? "standing" : "other";
}

/** Tell whether a body is in a plank: face down, straight enough, shoulders and hips above the support. */
function isPlank(person, { trunk_deg, fold_deg }) {
  if (trunk_deg < PLANK.trunkFrom_deg || trunk_deg > PLANK.trunkTo_deg) return false;
  if (Math.abs(fold_deg) > PLANK.fold_deg) return false;
  const [shoulder, hip] = [getMiddle(person, "shoulder"), getMiddle(person, "hip")];
  const trunk_px = getDistance(shoulder, hip) || 1;
  const support = getLowerArm(person);
  const arm = (support.y - shoulder.y) / trunk_px;
  const ankle = getMiddle(person, "ankle");
  const toe = getMiddle(person, "toe");
  const rear = toe.y > ankle.y ? toe : ankle;
  const share = (hip.x - support.x) / (rear.x - support.x);
  const floor_y = support.y + share * (rear.y - support.y);
  const isHipUp = share > 0 && share < 1 && (floor_y - hip.y) / trunk_px > PLANK.hips;
  return arm > PLANK.armFrom && arm < PLANK.armTo && isHipUp;
}

/** Tell whether the hips are about as low as the feet. */
function isHipLow(person) {
  return getMiddle(person, "ankle").y - getMiddle(person, "hip").y < LYING_HIP_SHARE * estimateStature(person);
}

/** Get the lowest point of the more visible arm: hand or elbow. */
function getLowerArm(person) {
  const side = getVisibility(person, LEFT.elbow) > getVisibility(person, RIGHT.elbow) ? LEFT : RIGHT;
  const [elbow, wrist] = [getPoint(person, side.elbow), getPoint(person, side.wrist)];
  return wrist.y > elbow.y ? wrist : elbow;
}
