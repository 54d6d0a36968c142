/** How far down a body is, for counting reps in every camera view. */

import { estimateStature, getMiddle } from "./landmarks.js";

const MAX_SAGITTAL_YAW_DEG = 45; // seen further from the front or back, the fold says too little; chosen on 56 clips

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
   * @returns {{depth_deg: number, height: number}} depth, larger is deeper; height of the shoulders, statures
   */
  update(person, angles, view, isSeated) {
    // Limbs that point at the camera look short: the stature is the longest so far.
    this.stature_px = Math.max(this.stature_px, estimateStature(person)) || 1;
    const height = (getMiddle(person, "ankle").y - getMiddle(person, "shoulder").y) / this.stature_px;
    this.tallest = Math.max(this.tallest, height, 0.5);
    if (Math.abs(view.yaw_deg) > MAX_SAGITTAL_YAW_DEG) {
      // As the fold of a body of two equal parts: about the trunk-thigh angle in hinges and squats.
      const depth_deg = (2 * Math.acos(Math.min(Math.max(height / this.tallest, -1), 1)) * 180) / Math.PI;
      return { depth_deg, height };
    }
    return { depth_deg: isSeated ? -angles.thigh_deg : angles.fold_deg, height };
  }
}
