/**
 * Count repetitions while they are done, by the rules of the analysis (`analyzer/movements/rep_detection.py`).
 *
 * A rep is found once the way back up from its bottom is long enough; the analysis then looks at the whole clip again.
 */

import { getMedian } from "./landmarks.js";

const MIN_RANGE_DEG = 25; // smallest range of a rep; sources 2.1
const MIN_DURATION_S = 0.6; // shortest rep, from leaving the top to reaching it again; sources 2.1
const TURN_SHARE = 0.35; // of the range so far: the way back must be this long; as in the analysis
const MIN_MEDIAN_SHARE = 0.5; // of the median rep: smaller ones are no reps; as in the analysis
const MIN_SHOULDER_DROP = 0.06; // of the stature: less is a step; as in the analysis
const BAND_SHARE = 0.05; // of the range: this near to the deepest is at the bottom; as in the analysis
const DEEP_SHARE = 0.15; // of the range: a pause this near to the deepest belongs to the bottom; as in the analysis
const MEDIAN_OF = 3; // samples: a single wrong one is no turn; chosen

/**
 * @typedef {object} DepthSample
 * @property {number} time_s
 * @property {number} depth_deg larger is deeper, about 0 standing
 * @property {number} height of the shoulders over the ankles, statures
 * @property {number} hand_height of the wrist over the ankle, leg lengths
 * @property {number} trunk_deg inclination of the trunk
 *
 * @typedef {object} LiveRep
 * @property {number} bottom_deg greatest depth
 * @property {number} top_deg least depth before and after it so far
 * @property {number | null} pause_s time at the bottom; null where the set begins there
 * @property {number} hand_height at the bottom, leg lengths
 * @property {number} trunk_share inclination of the trunk at the bottom, shares of the depth there
 * @property {boolean} isLowered whether the body went down again after it
 */

export class RepCounter {
  constructor() {
    /** @type {DepthSample[]} */
    this.latest = [];
    /** @type {DepthSample[]} since the way up from the bottom before */
    this.samples = [];
    /** @type {LiveRep[]} */
    this.done = [];
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

  /** Get the reps so far: those much smaller than the others are none. */
  get reps() {
    const median = getMedian(this.done.map(getRange));
    return this.done.filter((rep) => getRange(rep) >= MIN_MEDIAN_SHARE * median);
  }

  /**
   * Add a sample.
   * @param {DepthSample} sample
   */
  update(sample) {
    this.latest.push(sample);
    if (this.latest.length < MEDIAN_OF) return;
    if (this.latest.length > MEDIAN_OF) this.latest.shift();
    this.follow({ ...getMedians(this.latest), time_s: this.latest[MEDIAN_OF >> 1].time_s });
  }

  /** Follow the depth from turn to turn. */
  follow(sample) {
    const { depth_deg } = sample;
    this.samples.push(sample);
    this.least_deg = Math.min(this.least_deg, depth_deg);
    this.most_deg = Math.max(this.most_deg, depth_deg);
    this.highest = Math.max(this.highest, sample.height);
    this.lowest = Math.min(this.lowest, sample.height);
    const swing_deg = Math.max(MIN_RANGE_DEG, TURN_SHARE * (this.most_deg - this.least_deg));
    if (this.isDown !== false && (!this.deepest || depth_deg > this.deepest.depth_deg)) this.deepest = sample;
    if (this.isDown !== true && (!this.top || depth_deg < this.top.depth_deg)) this.setTop(sample);
    if (this.isDown !== false && this.deepest && this.deepest.depth_deg - depth_deg >= swing_deg) {
      this.addRep(this.deepest, sample);
      this.isDown = false;
      this.samples = [];
      this.setTop(sample);
      this.highest = sample.height;
      this.lowest = sample.height;
    } else if (this.isDown !== true && this.top && depth_deg - this.top.depth_deg >= swing_deg) {
      this.left_s = this.top.time_s;
      this.isDown = true;
      this.deepest = sample;
      const rep = this.done.at(-1);
      if (rep) rep.isLowered = true;
    }
  }

  /** Add the rep about a bottom once the body has come up from it. */
  addRep(bottom, sample) {
    const isLong = !this.isDown || sample.time_s - this.left_s >= MIN_DURATION_S;
    const drops = this.highest - this.lowest >= MIN_SHOULDER_DROP;
    if (!isLong || !drops) return;
    const before = this.isDown ? this.top : null;
    const way = before ? this.samples.filter(({ time_s }) => time_s >= before.time_s) : this.samples;
    // Where the set begins at the bottom, the range is that to a body that stands.
    const range_deg = bottom.depth_deg - (before?.depth_deg ?? 0);
    const low = way.filter(({ depth_deg }) => depth_deg >= bottom.depth_deg - DEEP_SHARE * range_deg);
    const usual = getMedians(low);
    const paused = low.filter(({ depth_deg }) => depth_deg >= usual.depth_deg - BAND_SHARE * range_deg);
    this.done.push({
      bottom_deg: bottom.depth_deg,
      top_deg: before?.depth_deg ?? Infinity,
      pause_s: !before && low[0] === way[0] ? null : paused[paused.length - 1].time_s - paused[0].time_s,
      hand_height: usual.hand_height,
      trunk_share: usual.trunk_deg / usual.depth_deg,
      isLowered: false,
    });
  }

  /** Set the highest point since the last bottom: the range of the rep before it grows with it. */
  setTop(sample) {
    this.top = sample;
    const rep = this.done.at(-1);
    if (rep && this.isDown !== null) rep.top_deg = Math.min(rep.top_deg, sample.depth_deg);
  }
}

/** @param {LiveRep} rep */
function getRange({ bottom_deg, top_deg }) {
  return bottom_deg - top_deg;
}

/** Get the median of each figure of samples. */
function getMedians(samples) {
  const median = (name) => getMedian(samples.map((each) => each[name]));
  return {
    depth_deg: median("depth_deg"),
    height: median("height"),
    hand_height: median("hand_height"),
    trunk_deg: median("trunk_deg"),
  };
}
