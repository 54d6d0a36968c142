/** Conditions that hold for a while: what flickers for a moment neither appears nor disappears. */

const MAX_STEP_S = 0.4; // a longer gap between samples counts as this much: little is known of it; chosen

/** A condition that becomes active after it was there for `on_s`, and inactive after it was gone for `off_s`. */
export class SustainedCondition {
  /** @param {{on_s: number, off_s: number, unknown_s?: number}} times `unknown_s`: inactive after this long unknown */
  constructor({ on_s, off_s, unknown_s = 2 }) {
    this.rates = { on: 1 / on_s, off: 1 / off_s, unknown: 1 / unknown_s };
    this.level = 0; // 0 gone to 1 there
    this.isActive = false;
    /** @type {number | null} */
    this.time_s = null;
  }

  /**
   * Add a sample.
   * @param {boolean | null} isThere null where it cannot be known
   * @param {number} time_s
   */
  update(isThere, time_s) {
    const step_s = Math.min(Math.max(time_s - (this.time_s ?? time_s), 0), MAX_STEP_S);
    this.time_s = time_s;
    const { on, off, unknown } = this.rates;
    this.level += step_s * (isThere === null ? -unknown : isThere ? on : -off);
    this.level = Math.min(Math.max(this.level, 0), 1);
    if (this.level >= 1) this.isActive = true;
    if (this.level <= 0) this.isActive = false;
    return this.isActive;
  }
}
