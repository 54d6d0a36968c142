/**
 * Count repetitions while they are done, by the rules of the analysis (`analyzer/movements/rep_detection.py`).
 *
 * A rep counts once the way back up from its bottom is long enough; the analysis then looks at the whole clip again.
 */

import { getMedian } from "./landmarks.js";

const MIN_RANGE_DEG = 25; // smallest range of a rep; sources 2.1
const MIN_DURATION_S = 0.6; // shortest rep, from leaving the top to reaching it again; sources 2.1
const TURN_SHARE = 0.35; // of the range so far: the way back must be this long; as in the analysis
const MIN_MEDIAN_SHARE = 0.5; // of the median rep: smaller ones are no reps; as in the analysis
const MIN_SHOULDER_DROP = 0.06; // of the stature: less is a step; as in the analysis
const MEDIAN_OF = 3; // samples: a single wrong one is no turn; chosen

/** @typedef {{time_s: number, depth_deg: number, height: number}} DepthSample */

export class RepCounter {
  constructor() {
    /** @type {DepthSample[]} */
    this.latest = [];
    /** @type {{bottom_s: number, bottom_deg: number, top_deg: number}[]} */
    this.done = []; // `top_deg`: the lower of the tops before and after the bottom
    this.least_deg = Infinity;
    this.most_deg = -Infinity;
    /** Whether it is on the way down; null until it has moved by the swing. */
    this.isDown = /** @type {boolean | null} */ (null);
    /** @type {DepthSample | null} */
    this.top = null;
    /** @type {DepthSample | null} */
    this.deepest = null;
    this.left_s = 0; // when the top was left
    this.highest = -Infinity;
    this.lowest = Infinity;
  }

  /** Get the number of reps: those much smaller than the others are not counted. */
  get count() {
    const ranges = this.done.map(({ bottom_deg, top_deg }) => bottom_deg - top_deg);
    const median = getMedian(ranges);
    return ranges.filter((range) => range >= MIN_MEDIAN_SHARE * median).length;
  }

  /**
   * Add a sample.
   * @param {number} time_s
   * @param {number} depth_deg larger is deeper
   * @param {number} height of the shoulders over the ankles, statures
   */
  update(time_s, depth_deg, height) {
    this.latest.push({ time_s, depth_deg, height });
    if (this.latest.length < MEDIAN_OF) return;
    if (this.latest.length > MEDIAN_OF) this.latest.shift();
    this.follow({
      time_s: this.latest[MEDIAN_OF >> 1].time_s,
      depth_deg: getMedian(this.latest.map((each) => each.depth_deg)),
      height: getMedian(this.latest.map((each) => each.height)),
    });
  }

  /** Follow the depth from turn to turn. */
  follow(sample) {
    const { depth_deg } = sample;
    this.least_deg = Math.min(this.least_deg, depth_deg);
    this.most_deg = Math.max(this.most_deg, depth_deg);
    this.highest = Math.max(this.highest, sample.height);
    this.lowest = Math.min(this.lowest, sample.height);
    const swing_deg = Math.max(MIN_RANGE_DEG, TURN_SHARE * (this.most_deg - this.least_deg));
    if (this.isDown !== false && (!this.deepest || depth_deg > this.deepest.depth_deg)) this.deepest = sample;
    if (this.isDown !== true && (!this.top || depth_deg < this.top.depth_deg)) this.setTop(sample);
    if (this.isDown !== false && this.deepest && this.deepest.depth_deg - depth_deg >= swing_deg) {
      this.countRep(this.deepest, sample);
      this.isDown = false;
      this.setTop(sample);
      this.highest = sample.height;
      this.lowest = sample.height;
    } else if (this.isDown !== true && this.top && depth_deg - this.top.depth_deg >= swing_deg) {
      this.left_s = this.top.time_s;
      this.isDown = true;
      this.deepest = sample;
    }
  }

  /** Count the rep about a bottom once the body has come up from it. */
  countRep(bottom, sample) {
    const isLong = !this.isDown || sample.time_s - this.left_s >= MIN_DURATION_S;
    const drops = this.highest - this.lowest >= MIN_SHOULDER_DROP;
    if (!isLong || !drops) return;
    const before_deg = this.isDown && this.top ? this.top.depth_deg : Infinity;
    this.done.push({ bottom_s: bottom.time_s, bottom_deg: bottom.depth_deg, top_deg: before_deg });
  }

  /** Set the highest point since the last bottom: the range of the rep before it grows with it. */
  setTop(sample) {
    this.top = sample;
    const rep = this.done.at(-1);
    if (rep && this.isDown !== null) rep.top_deg = Math.min(rep.top_deg, sample.depth_deg);
  }
}
