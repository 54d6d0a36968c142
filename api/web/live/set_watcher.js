/**
 * Starts and stops filming by itself, counts reps and times holds.
 *
 * It starts after two seconds in a steady starting posture (standing tall, sitting tall, a plank) and stops when the
 * person stands still for three seconds after the set, or leaves the picture.
 */

import { countWholeLifts } from "./floor_lifts.js";
import { estimateStature, getDistance, getMedian, getMiddle } from "./landmarks.js";
import { classifyPosture } from "./live_posture.js";
import { MovementDepth } from "./movement_depth.js";
import { RepCounter } from "./rep_counter.js";
import { Stillness } from "./stillness.js";

/**
 * @typedef {"waiting" | "steady" | "moving" | "finished"} Phase
 *
 * @typedef {object} WatchResult
 * @property {Phase} phase
 * @property {number} progress of the steady seconds before the start, 0 to 1
 * @property {number} reps
 * @property {number} hold_s time in the plank since the start
 * @property {number | null} line_deg plank: off the own line, + hips up, - hips down; null while the own line is unknown
 * @property {"start" | "stop" | null} action
 * @property {import("./filming_checks.js").Instruction | null} instruction
 */

const STEADY_S = 2; // in the starting posture before filming starts; as the filming guide asks for
const PATIENCE_S = 6; // steady for this long: it starts although the picture could be better; chosen
const STILL_S = 3; // still after the set: filming stops
const GONE_S = 1.5; // out of the picture: filming stops; chosen
const LOST_S = 0.5; // a person who is not detected for less stays in the posture; chosen
const GO_S = 1.5; // "go" is shown for this long; chosen
const LEAN_BACK_DEG = 12; // a trunk this much further back than at the start is a standing extension; chosen
const REACH_SHARE = 0.05; // of the stature: hands this far above the ears reach over the head; chosen
const MOVED_SHARE = 0.08; // of the stature: a sitting body this far from its start has moved; chosen
const BACK_SHARE = 0.05; // of the stature: a sitting body within this of its start is back; chosen
const DEPTHS_DEG = [-60, 175]; // nobody folds further: beyond, the model has confused front and back; chosen
const OWN_LINE_S = 3; // the own line is the median of this long, as in the analysis
const HOLD_LOST_S = 0.5; // another posture for less does not end a hold; chosen
const BLOCKING = new Set(["more_light", "nobody", "two_people", "feet_cut_off", "body_cut_off"]);
const SEATED = new Set(["slump", "sit_to_stand"]);
const POSE_JOINTS = /** @type {const} */ (["ear", "shoulder", "knee", "ankle"]);
const STARTS = /** @type {const} */ (["standing_tall", "sitting_tall", "plank"]);

/** @typedef {(typeof STARTS)[number]} StartPosture */

export class SetWatcher {
  /** @param {{movement?: string, variant?: string | null}} [options] `movement`: its name, or "auto" */
  constructor({ movement = "auto", variant = null } = {}) {
    this.movement = movement;
    this.variant = variant;
    /** @type {Phase} */
    this.phase = "waiting";
    this.stillness = new Stillness();
    this.counter = new RepCounter();
    this.depth = new MovementDepth();
    /** @type {StartPosture | null} */
    this.start = null;
    /** @type {StartPosture | null} */
    this.candidate = null;
    this.candidate_s = 0;
    this.started_s = 0;
    this.present_s = -Infinity;
    /** @type {{from_s: number | null, until_s: number, hold_s: number, lines: number[]}} */
    this.hold = { from_s: null, until_s: 0, hold_s: 0, lines: [] };
    /** @type {number | null} */
    this.line_deg = null;
    /** @type {{x: number, y: number}[] | null} */
    this.startPose = null;
    /** @type {number | null} */
    this.startTrunk_deg = null;
    this.hasMoved = false;
    this.isStarting = false;
  }

  /** The number of reps so far. */
  get reps() {
    if (this.start === "plank") return 0;
    const { movement, variant, start } = this;
    return countWholeLifts(this.counter.reps, { movement, variant, isSeated: start === "sitting_tall" });
  }

  /**
   * Add a sample, with its checks.
   * @param {import("./landmarks.js").LiveSample} sample
   * @param {import("./filming_checks.js").CheckResult} checks
   * @returns {WatchResult}
   */
  update(sample, checks) {
    if (this.isStarting) this.begin(sample.time_s, null);
    this.isStarting = false;
    const person = checks.subject === null ? null : sample.people[checks.subject];
    /** @type {"start" | "stop" | null} */
    let action = null;
    let progress = 0;
    /** @type {import("./live_posture.js").Posture | null} */
    let posture = null;
    if (person && checks.angles) {
      this.present_s = sample.time_s;
      posture = classifyPosture(person, checks.angles);
    }
    if (this.phase === "waiting" || this.phase === "steady") {
      progress = this.waitForStart(sample.time_s, person, posture, checks);
      if (progress >= 1) {
        action = "start";
        this.begin(sample.time_s, person);
      }
    } else if (this.phase === "moving" && this.watchSet(sample.time_s, person, posture, checks)) {
      action = "stop";
      this.phase = "finished";
    }
    return {
      phase: this.phase,
      progress: this.phase === "moving" ? 1 : progress,
      reps: this.reps,
      hold_s: this.hold.hold_s,
      line_deg: this.line_deg,
      action,
      instruction: this.chooseInstruction(sample.time_s, posture, checks.isGood),
    };
  }

  /** Start with the next sample, as by a tap; the count begins there. */
  startNow() {
    this.isStarting = true;
  }

  /** Wait for a steady starting posture. Returns the progress, 0 to 1. */
  waitForStart(time_s, person, posture, checks) {
    const start = STARTS.find((each) => each === posture) ?? null;
    if (!person || !this.isStart(start)) {
      // A moment without a person or out of the posture does not begin the two seconds again.
      if (time_s - this.candidate_s > LOST_S) this.forgetCandidate();
      return 0;
    }
    if (start !== this.candidate) this.forgetCandidate();
    this.candidate = start;
    this.candidate_s = time_s;
    const steady_s = this.stillness.update(person, time_s);
    this.phase = steady_s > LOST_S ? "steady" : "waiting";
    const isBlocked = checks.instruction !== null && BLOCKING.has(checks.instruction.id);
    if (isBlocked) this.stillness.reset();
    const needed_s = checks.isGood ? STEADY_S : PATIENCE_S;
    return isBlocked ? 0 : Math.min(steady_s / needed_s, 1);
  }

  forgetCandidate() {
    this.candidate = null;
    this.phase = "waiting";
    this.stillness.reset();
  }

  /** Tell whether the movement starts from a posture. */
  isStart(posture) {
    if (this.movement === "auto") return STARTS.some((each) => each === posture);
    if (this.movement === "plank") return posture === "plank";
    if (SEATED.has(this.movement)) return posture === "sitting_tall";
    return posture === "standing_tall";
  }

  begin(time_s, person) {
    this.phase = "moving";
    this.start = this.candidate;
    this.started_s = time_s;
    this.present_s = time_s;
    this.startPose = person ? getPose(person) : null;
    this.stillness.reset();
  }

  /**
   * Guess where a set began that was started by hand.
   * @param {import("./live_posture.js").Posture | null} posture
   * @returns {StartPosture}
   */
  guessStart(posture) {
    if (this.movement === "plank") return "plank";
    if (SEATED.has(this.movement)) return "sitting_tall";
    if (this.movement !== "auto") return "standing_tall";
    if (posture === "plank") return "plank";
    return posture?.startsWith("sitting") ? "sitting_tall" : "standing_tall";
  }

  /** Follow the set. Returns whether it is over. */
  watchSet(time_s, person, posture, checks) {
    if (!person || !checks.angles) return time_s - this.present_s >= GONE_S;
    const still_s = this.stillness.update(person, time_s);
    this.start ??= this.guessStart(posture);
    if (this.start === "plank") return this.watchPlank(time_s, posture, checks.angles);
    const isSeated = this.start === "sitting_tall";
    const depth = this.depth.update(person, checks.angles, checks.view, isSeated);
    const isPossible = depth.depth_deg > DEPTHS_DEG[0] && depth.depth_deg < DEPTHS_DEG[1];
    if (this.movement !== "slump" && isPossible)
      this.counter.update({ time_s, ...depth, trunk_deg: checks.angles.trunk_deg });
    const pose = getPose(person);
    this.startPose ??= pose;
    this.startTrunk_deg ??= checks.angles.trunk_deg;
    const distance = getPoseDistance(pose, this.startPose);
    this.hasMoved ||=
      this.counter.reps.length > 0 || (isSeated ? distance > MOVED_SHARE : this.isReaching(person, checks.angles));
    const isBack = posture === "standing_tall" || (isSeated && posture === "sitting_tall" && distance < BACK_SHARE);
    return this.hasMoved && isBack && still_s >= STILL_S;
  }

  /** Tell whether a standing person reaches over the head or bends backwards: movements without counted reps. */
  isReaching(person, { trunk_deg }) {
    const isBack = this.startTrunk_deg !== null && trunk_deg < this.startTrunk_deg - LEAN_BACK_DEG;
    const up_px = getMiddle(person, "ear").y - getMiddle(person, "wrist").y;
    return isBack || up_px > REACH_SHARE * estimateStature(person);
  }

  /** Time the hold and its line. Returns whether it is over. */
  watchPlank(time_s, posture, { line_deg }) {
    const { hold } = this;
    if (posture === "plank") {
      const from_s = hold.from_s ?? time_s;
      hold.from_s = from_s;
      hold.until_s = time_s;
      hold.hold_s = time_s - from_s;
      if (hold.hold_s <= OWN_LINE_S) hold.lines.push(line_deg);
      this.line_deg = hold.hold_s > OWN_LINE_S ? line_deg - getMedian(hold.lines) : null;
    } else if (time_s - hold.until_s > HOLD_LOST_S) {
      this.line_deg = null;
    }
    return hold.from_s !== null && time_s - hold.until_s >= STILL_S;
  }

  /** Choose what to tell the person: about the posture once the picture is good, nothing during the set. */
  chooseInstruction(time_s, posture, isGood) {
    const simple = (id) => ({ id, values: {} });
    if (this.phase === "finished") {
      if (this.start === "plank") return { id: "hold_done", values: { hold_s: Math.round(this.hold.hold_s) } };
      return this.reps ? { id: "set_done", values: { reps: this.reps } } : simple("done");
    }
    if (this.phase === "moving") return time_s - this.started_s < GO_S ? simple("go") : null;
    if (posture === null || !isGood) return null;
    if (this.phase === "steady" || this.isStart(posture)) return simple("hold");
    return simple(this.chooseStart(posture));
  }

  /**
   * Choose the starting posture to ask for: the one of the movement, else the one that is nearest.
   * @param {import("./live_posture.js").Posture} posture
   */
  chooseStart(posture) {
    if (this.movement === "plank") return "into_plank";
    if (SEATED.has(this.movement)) return "sit_tall";
    if (this.movement !== "auto") return "stand_tall";
    if (posture === "lying") return "into_plank";
    return posture === "sitting" ? "sit_tall" : "stand_tall";
  }
}

/**
 * Choose what is shown and spoken: before the set the checks of the picture come first, during it they are silent.
 * @param {import("./filming_checks.js").CheckResult} checks
 * @param {WatchResult} watch
 */
export function chooseInstruction(checks, watch) {
  const isBefore = watch.phase === "waiting" || watch.phase === "steady";
  return (isBefore ? checks.instruction : null) ?? watch.instruction;
}

/** Get the places of the joints about the hips, statures. */
function getPose(person) {
  const hip = getMiddle(person, "hip");
  const stature = estimateStature(person) || 1;
  return POSE_JOINTS.map((joint) => {
    const { x, y } = getMiddle(person, joint);
    return { x: (x - hip.x) / stature, y: (y - hip.y) / stature };
  });
}

/** Get the largest distance of a joint between two poses, statures. */
function getPoseDistance(one, other) {
  return Math.max(...one.map((place, i) => getDistance(place, other[i])));
}
