/** How far down a body and its hands are, for counting reps in every camera view. */

import { estimateStature, getMiddle, getPoint, LEFT, RIGHT } from "./landmarks.js";

const MAX_SAGITTAL_YAW_DEG = 45; // seen further from the front or back, the fold says too little; chosen on 56 clips
const LEG_SHARE = 0.491; // of the stature, thigh and shin: Drillis & Contini 1966

export class MovementDepth {
  constructor() {
    this.stature_px = 0;
    this.tallest = 0;
  }

  /**
   * Measure a sample.
   * @param {import("./landmarks.js").LivePerson} person
   * @param {import("./live_angles.js").LiveAngles} angles
   * @param {import("./live_angles.js").CameraView} view
   * @param {boolean} isSeated whether the set began on a seat: the thighs then tell sitting from standing
   * @returns {{depth_deg: number, height: number, hand_height: number}} depth, larger is deeper; height of the
   *   shoulders, statures; height of the near wrist over the ankle, leg lengths
   */
  update(person, angles, view, isSeated) {
    // Limbs that point at the camera look short: the stature is the longest so far.
    this.stature_px = Math.max(this.stature_px, estimateStature(person)) || 1;
    const height = (getMiddle(person, "ankle").y - getMiddle(person, "shoulder").y) / this.stature_px;
    this.tallest = Math.max(this.tallest, height, 0.5);
    const near = view.facing === 1 ? RIGHT : LEFT;
    const hands_px = getPoint(person, near.ankle).y - getPoint(person, near.wrist).y;
    const hand_height = hands_px / (LEG_SHARE * this.stature_px);
    if (Math.abs(view.yaw_deg) > MAX_SAGITTAL_YAW_DEG) {
      // As the fold of a body of two equal parts: about the trunk-thigh angle in hinges and squats.
      const depth_deg = (2 * Math.acos(Math.min(Math.max(height / this.tallest, -1), 1)) * 180) / Math.PI;
      return { depth_deg, height, hand_height };
    }
    return { depth_deg: isSeated ? -angles.thigh_deg : angles.fold_deg, height, hand_height };
  }
}
