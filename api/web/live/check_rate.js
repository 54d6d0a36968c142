/** How often the live guide checks a frame: from 30 down to 5 times a second, by how long a check takes. */

const FASTEST_MS = 1000 / 30;
const SLOWEST_MS = 1000 / 5;
const BUSY_SHARE = 0.6; // of the time at most that checks take, so that the phone keeps cool; chosen
const NEW_SHARE = 0.2; // weight of the newest check in the running mean; chosen
const WARM_UP = 2; // the first checks compile shaders; chosen
const TRIAL = 8; // checks after which a way to compute is called slow or not; chosen
const SLOW_MS = 180; // median of the trial: barely five checks a second; chosen

/** The interval between checks, and whether they are too slow. */
export class CheckRate {
  constructor() {
    /** @type {number|null} */
    this.mean_ms = null;
    /** @type {number[]} */
    this.trial = [];
    this.count = 0;
  }

  /** Add the duration of a check, milliseconds. */
  add(duration_ms) {
    this.count += 1;
    if (this.count <= WARM_UP) return;
    this.mean_ms = this.mean_ms === null ? duration_ms : this.mean_ms + NEW_SHARE * (duration_ms - this.mean_ms);
    if (this.trial.length < TRIAL) this.trial.push(duration_ms);
  }

  /** The time from the start of one check to that of the next, milliseconds. */
  get interval_ms() {
    return Math.min(Math.max((this.mean_ms ?? 0) / BUSY_SHARE, FASTEST_MS), SLOWEST_MS);
  }

  /** Whether the trial is over, and its checks were too slow; null before. */
  get isSlow() {
    if (this.trial.length < TRIAL) return null;
    return [...this.trial].sort((a, b) => a - b)[TRIAL / 2] > SLOW_MS;
  }
}
