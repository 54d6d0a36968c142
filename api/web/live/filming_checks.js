/**
 * What to change before filming: one instruction at a time, the most important first.
 *
 * Each condition needs to be there for a while before it is shown, and gone for a while before it disappears.
 */

import { computeAngles, ViewEstimator } from "./live_angles.js";
import { estimateRoll, findCutParts, getStatureShare, hasRoomBeside } from "./picture_checks.js";
import { SubjectFollower } from "./subject_follower.js";
import { SustainedCondition } from "./sustained_condition.js";

/**
 * @typedef {object} Instruction
 * @property {string} id of a text in `text/live_messages.js`
 * @property {Record<string, number | string>} values for the text
 *
 * @typedef {object} CheckResult
 * @property {Instruction | null} instruction
 * @property {boolean} isGood the clip will be good
 * @property {number | null} subject index of the person who is filmed
 * @property {number | null} yaw_deg off the side view: + the camera sees the front, - the back
 * @property {import("./live_angles.js").CameraView | null} view
 * @property {import("./live_angles.js").LiveAngles | null} angles preview
 */

// First the level at which a condition begins, then the one at which it ends: values between do not flicker.
const DARK = { from: 40, to: 52 }; // mean brightness, 0 to 255; chosen on 12 scenes
const FAR = { from: 0.28, to: 0.31 }; // stature of the picture's longer side: about 5 m from a phone; chosen
const LEVEL = { from: 5, to: 4 }; // degrees by the sensor: filming rule "level +/-5 degrees" (sources 1.5)
const LEVEL_BY_BODY = { from: 7.5, to: 5.5 }; // likewise by a standing body, which is accurate to about 4; chosen
const YAW = { from: 22, to: 18 }; // degrees: beyond 20 a side view is less certain (sources 1.5), read to some 3; chosen
const MAX_YAW_FOLD_DEG = 50; // a folded body shows the yaw less well: it is not judged then; chosen
const FRONT_DEG = 70; // seen from the front or behind rather than half from it; chosen

const USUAL = { on_s: 0.6, off_s: 0.5 }; // chosen: an instruction within 2 s, none that is wrong for more than 1 s
const GOOD = { on_s: 0.6, off_s: 0.3 }; // chosen: green neither flashes nor flickers
const SETTLED = 0.5; // of a condition's time: less is noise; chosen
const ROLL_STEP_DEG = 2; // the shown roll changes in steps of at least this; chosen
const CONDITIONS = {
  dark: USUAL,
  nobody: { on_s: 0.8, off_s: 0.2 },
  others: { on_s: 0.8, off_s: 0.8 },
  feet: USUAL,
  head: USUAL,
  hands: { on_s: 1, off_s: 0.5 },
  far: USUAL,
  tilted: { ...USUAL, unknown_s: 3 },
  turned: { ...USUAL, unknown_s: 3 },
};

/** Checks samples of the camera one after the other. */
export class FilmingChecks {
  constructor() {
    this.follower = new SubjectFollower();
    this.viewEstimator = new ViewEstimator();
    this.conditions = /** @type {Record<keyof typeof CONDITIONS, SustainedCondition>} */ (
      Object.fromEntries(Object.entries(CONDITIONS).map(([name, times]) => [name, new SustainedCondition(times)]))
    );
    this.good = new SustainedCondition(GOOD);
    this.roll_deg = 0;
    this.shownRoll_deg = 0;
    this.yaw_deg = 0;
    this.isBeside = false;
  }

  /** Film the person at a point of the picture, pixels. */
  selectSubject(x_px, y_px) {
    this.follower.select(x_px, y_px);
  }

  /**
   * Check a sample.
   * @param {import("./landmarks.js").LiveSample} sample
   * @returns {CheckResult}
   */
  update(sample) {
    const { people, time_s, brightness } = sample;
    const { index, isNew, others } = this.follower.update(people, time_s);
    if (isNew) this.viewEstimator.reset();
    const person = index === null ? null : people[index];
    const view = person ? this.viewEstimator.update(person, time_s) : null;
    const sensor_deg = sample.roll_deg ?? null;
    const angles = person && view ? computeAngles(person, view, getCorrectedRoll(sensor_deg)) : null;

    const hold = (name, isThere) => this.conditions[name].update(isThere, time_s);
    hold("dark", brightness === null ? null : this.isBeyond("dark", DARK.from - brightness, DARK.from - DARK.to));
    hold("nobody", person === null);
    hold("others", others > 0);
    this.updateCutParts(person, sample);
    hold("far", person && view ? this.isFar(person, sample, view) : null);
    hold("tilted", this.isTilted(person, angles, view, sensor_deg));
    hold("turned", view && angles ? this.isTurned(view, angles) : null);

    const instruction = this.chooseInstruction();
    const isQuiet = Object.values(this.conditions).every(({ level }) => level < SETTLED);
    return {
      instruction,
      isGood: this.good.update(isQuiet && view !== null, time_s) && instruction === null,
      subject: index,
      yaw_deg: view ? view.yaw_deg : null,
      view,
      angles,
    };
  }

  /** Update which parts of the body are cut off. */
  updateCutParts(person, sample) {
    const parts = person ? findCutParts(person, sample) : [];
    if (parts.length) this.isBeside = hasRoomBeside(person, sample);
    for (const part of /** @type {const} */ (["feet", "head", "hands"]))
      this.conditions[part].update(person ? parts.includes(part) : null, sample.time_s);
  }

  /** Get the roll for the text; it does not change with every sample. */
  getShownRoll() {
    const roll_deg = Math.abs(this.roll_deg);
    if (Math.abs(roll_deg - this.shownRoll_deg) >= ROLL_STEP_DEG) this.shownRoll_deg = Math.round(roll_deg);
    return this.shownRoll_deg;
  }

  isFar(person, sample, view) {
    const share = getStatureShare(person, sample, view.yaw_deg);
    return this.isBeyond("far", FAR.from - share, FAR.from - FAR.to);
  }

  /** Tell whether the phone is tilted, by its sensor, else by a standing person; null where neither is known. */
  isTilted(person, angles, view, sensor_deg) {
    const roll_deg = sensor_deg ?? (person && angles && view ? estimateRoll(person, angles, view) : null);
    if (roll_deg === null) return null;
    this.roll_deg = sensor_deg ?? smooth(this.roll_deg, roll_deg);
    const { from, to } = sensor_deg === null ? LEVEL_BY_BODY : LEVEL;
    return this.isBeyond("tilted", Math.abs(sensor_deg ?? roll_deg) - from, to - from);
  }

  /** Tell whether the camera stands too far off the side; null while a body is folded. */
  isTurned(view, angles) {
    const isUpright = Math.abs(angles.fold_deg) <= MAX_YAW_FOLD_DEG || Math.abs(angles.thigh_deg) > MAX_YAW_FOLD_DEG;
    if (!isUpright) return null;
    this.yaw_deg = view.yaw_deg;
    return this.isBeyond("turned", Math.abs(view.yaw_deg) - YAW.from, YAW.to - YAW.from);
  }

  /** Tell whether an excess is there: above 0, or above `end` where the condition is active already. */
  isBeyond(name, excess, end) {
    return excess > (this.conditions[name].isActive ? end : 0);
  }

  /**
   * Choose the most important instruction.
   * @returns {Instruction | null}
   */
  chooseInstruction() {
    const { dark, nobody, others, feet, head, hands, far, tilted, turned } = this.conditions;
    if (dark.isActive) return { id: "more_light", values: {} };
    if (nobody.isActive) return { id: "nobody", values: {} };
    if (others.isActive) return { id: "two_people", values: {} };
    const cut = [feet, head, hands].filter((part) => part.isActive);
    if (cut.length) {
      if (this.isBeside) return { id: "move_to_middle", values: {} };
      if (cut.length > 1) return { id: "body_cut_off", values: {} };
      const id = feet.isActive ? "feet_cut_off" : head.isActive ? "head_cut_off" : "hands_cut_off";
      return { id, values: {} };
    }
    if (far.isActive) return { id: "too_far", values: {} };
    if (tilted.isActive) return { id: "tilted", values: { roll_deg: this.getShownRoll() } };
    if (turned.isActive) return describeTurn(this.yaw_deg);
    return null;
  }
}

/** Get the instruction for a camera off the side. */
function describeTurn(yaw_deg) {
  const side = yaw_deg > 0 ? "front" : "back";
  const id = Math.abs(yaw_deg) > FRONT_DEG ? `seen_from_${side}` : `half_from_${side}`;
  return { id, values: { yaw_deg: Math.round(Math.abs(yaw_deg)) } };
}

/** Get the roll by which angles are corrected: as in the analysis, all of it where the phone is tilted, else 0. */
function getCorrectedRoll(roll_deg) {
  return roll_deg !== null && Math.abs(roll_deg) > LEVEL.from ? roll_deg : 0;
}

function smooth(before, value) {
  return before + 0.3 * (value - before);
}
