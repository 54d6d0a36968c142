/** The live guide in the camera view: what the camera sees becomes an instruction, a count and, hands-free, actions. */

import { el } from "../core/dom.js";
import { instructions } from "../text/live_messages.js";
import { messages } from "../text/messages.js";
import { FilmingChecks } from "./filming_checks.js";
import { LiveOverlay } from "./live_overlay.js";
import { LivePanel } from "./live_panel.js";
import { PoseStream } from "./pose_stream.js";
import { chooseInstruction, SetWatcher } from "./set_watcher.js";

const HOLD_CALL_S = 10; // between two spoken times of a hold; chosen

/**
 * "arm": a set is about to start, record from here; "disarm": it is not; "start": it has started; "stop": it is over.
 * @typedef {"arm" | "disarm" | "start" | "stop"} GuideAction
 */

/** Follows the camera until it is stopped. */
export class LiveGuide {
  /**
   * @param {object} options
   * @param {HTMLVideoElement} options.video
   * @param {HTMLElement} options.picture holds the video; the guide is drawn over it
   * @param {import("./pose_setup.js").LiveGuideFiles} options.files
   * @param {string} options.movement its name, or "auto"
   * @param {string | null} options.variant of the movement; null where none is chosen
   * @param {import("./speech.js").Speaker} options.speaker
   * @param {() => number|null} options.getRoll
   * @param {(action: GuideAction) => void} options.onAction while hands-free
   * @param {(isRunning: boolean) => void} options.onRunning whether it guides; false for good if it cannot
   */
  constructor({ video, picture, files, movement, variant, speaker, getRoll, onAction, onRunning }) {
    this.task = { movement, variant };
    this.speaker = speaker;
    this.onAction = onAction;
    this.isHandsFree = false;
    /** Whether a set is being filmed, started by a tap or hands-free. */
    this.isFilming = false;
    this.isArmed = false;
    this.isPaused = false;
    this.checks = new FilmingChecks();
    this.watcher = new SetWatcher(this.task);
    this.canvas = el("canvas", { class: "live-overlay", "aria-hidden": "true" });
    video.after(this.canvas);
    this.overlay = new LiveOverlay(this.canvas);
    this.panel = new LivePanel(picture, (x_px, y_px) => this.checks.selectSubject(x_px, y_px));
    this.onTap = (event) => {
      const place = this.overlay.toPicture(event);
      if (place) this.checks.selectSubject(place.x_px, place.y_px);
    };
    this.canvas.addEventListener("click", this.onTap);
    this.spoken = { reps: 0, hold: 0 };
    this.stream = new PoseStream(video, {
      files,
      getRoll,
      onSample: (sample) => this.#update(sample),
      onState: (state) => {
        if (state === "running") onRunning(true);
        if (state === "loading") {
          this.panel.showInstruction("", "notYet", 0);
          this.#clear();
        }
        if (state === "failed") {
          this.stop();
          onRunning(false);
        }
      },
    });
  }

  /** Load the model and start. */
  start() {
    this.stream.start();
  }

  /** Stop and remove everything from the picture. */
  stop() {
    if (this.stream.state !== "failed") this.stream.stop();
    this.panel.remove();
    this.canvas.remove();
  }

  /** Film and stop by itself, or not. */
  setHandsFree(isHandsFree) {
    this.isHandsFree = isHandsFree;
    if (!this.isFilming) this.#reset();
  }

  /** A set is filmed from now on, by a tap: its count begins here. */
  beginSet() {
    if (this.isArmed) this.#disarm();
    this.#reset();
    this.isFilming = true;
    this.watcher.startNow();
  }

  /** The set is over, or is filmed again. */
  endSet() {
    this.isFilming = false;
    this.#reset();
  }

  /** Start nothing while a clip is looked at, or go on. The last count stays. */
  setPaused(isPaused) {
    this.isPaused = isPaused;
    if (!isPaused) return;
    this.#clear();
  }

  /** Remove from the picture what holds for a single frame. */
  #clear() {
    this.overlay.clear();
    this.panel.offerPeople([]);
    this.panel.rest();
  }

  #reset() {
    this.#disarm();
    this.watcher = new SetWatcher(this.task);
    this.spoken = { reps: 0, hold: 0 };
  }

  #disarm() {
    if (this.isArmed) this.onAction("disarm");
    this.isArmed = false;
  }

  /** @param {import("./landmarks.js").LiveSample} sample */
  #update(sample) {
    const checks = this.checks.update(sample);
    if (this.isPaused) return;
    const isWatching = this.isHandsFree || this.isFilming;
    const watch = isWatching ? this.watcher.update(sample, checks) : null;
    this.overlay.draw(sample, { subject: checks.subject, isGood: checks.isGood || this.isFilming });
    this.#showInstruction(checks, watch);
    this.panel.offerPeople(checks.instruction?.id === "two_people" && !this.isFilming ? sample.people : []);
    this.panel.showFigures({ count: formatCount(watch), figures: formatFigures(checks, watch) });
    if (watch) this.#speakCount(watch);
    if (watch && this.isHandsFree) this.#act(watch);
  }

  #showInstruction(checks, watch) {
    const found =
      watch && this.isHandsFree ? chooseInstruction(checks, watch) : this.isFilming ? null : checks.instruction;
    const text = found
      ? instructions[found.id](found.values)
      : checks.isGood && !this.isFilming
        ? messages.film.good
        : "";
    const isNotYet = !this.isFilming && checks.instruction !== null;
    this.panel.showInstruction(
      text,
      this.isFilming ? "set" : isNotYet || !checks.isGood ? "notYet" : "good",
      watch?.progress ?? 0,
    );
    if (text) this.speaker.say(text);
  }

  /** @param {import("./set_watcher.js").WatchResult} watch */
  #speakCount({ reps, hold_s }) {
    const tens = Math.floor(hold_s / HOLD_CALL_S);
    if (reps > this.spoken.reps) this.speaker.say(String(reps));
    else if (tens > this.spoken.hold) this.speaker.say(messages.film.holdSpoken(tens * HOLD_CALL_S));
    this.spoken = { reps, hold: tens };
  }

  /** @param {import("./set_watcher.js").WatchResult} watch */
  #act({ phase, action }) {
    if (!this.isFilming && !this.isArmed && (phase === "steady" || action === "start")) {
      this.isArmed = true;
      this.onAction("arm");
    }
    if (this.isArmed && phase === "waiting") this.#disarm();
    if (action === "start" && this.isArmed) {
      this.isArmed = false;
      this.isFilming = true;
      this.onAction("start");
    } else if (action === "stop" && this.isFilming) {
      this.onAction("stop");
    }
  }
}

/** @param {import("./set_watcher.js").WatchResult|null} watch */
function formatCount(watch) {
  if (!watch || (watch.phase !== "moving" && watch.phase !== "finished")) return "";
  return watch.hold_s ? messages.film.holdCount(Math.floor(watch.hold_s)) : String(watch.reps);
}

/**
 * @param {import("./filming_checks.js").CheckResult} checks
 * @param {import("./set_watcher.js").WatchResult|null} watch
 */
function formatFigures({ angles }, watch) {
  if (!angles) return "";
  if (watch && watch.line_deg !== null) return messages.film.ownLine(Math.round(watch.line_deg));
  const { trunk_deg, fold_deg, knee_deg } = angles;
  return messages.film.angles(Math.round(trunk_deg), Math.round(fold_deg), Math.round(knee_deg));
}
