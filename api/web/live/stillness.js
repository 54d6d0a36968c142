/** How long a person has been still: no part of the body leaves the place where it came to rest. */

import { estimateStature, getDistance, getMiddle } from "./landmarks.js";

const STILL_SHARE = 0.04; // of the stature: hips, shoulders and head stay within this; chosen on 68 clips
const SETTLE_SHARE = 0.1; // part of a new sample in the place of rest: slow sway is no motion; chosen
const FORGIVEN = 1; // single samples beyond it are noise of the model; chosen
const JOINTS = /** @type {const} */ (["ear", "shoulder", "hip", "knee"]);

export class Stillness {
  constructor() {
    /** @type {import("./landmarks.js").Point[] | null} */
    this.rest = null;
    this.since_s = 0;
    this.beyond = 0;
  }

  /** Begin again with the next sample. */
  reset() {
    this.rest = null;
  }

  /**
   * Add a sample.
   * @param {import("./landmarks.js").LivePerson} person
   * @param {number} time_s
   * @returns {number} seconds of stillness
   */
  update(person, time_s) {
    const places = JOINTS.map((joint) => getMiddle(person, joint));
    const limit_px = STILL_SHARE * estimateStature(person);
    const rest = this.rest ?? [];
    if (rest.length && places.every((place, i) => getDistance(place, rest[i]) <= limit_px)) {
      this.beyond = 0;
      this.rest = rest.map((point, i) => moveTowards(point, places[i]));
    } else if (!rest.length || ++this.beyond > FORGIVEN) {
      this.rest = places;
      this.since_s = time_s;
      this.beyond = 0;
    }
    return time_s - this.since_s;
  }
}

/** Move a point by a part of the way to another. */
function moveTowards({ x, y }, to) {
  return { x: x + SETTLE_SHARE * (to.x - x), y: y + SETTLE_SHARE * (to.y - y) };
}
