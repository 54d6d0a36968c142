/**
 * People in the frames of a camera, found by the pose model in a worker, as often as the phone can.
 *
 * One frame at a time is checked; others are dropped, and the recording never waits. Nothing is checked while the page is
 * hidden. A worker that fails is replaced by the next slower way to compute; without one the stream ends.
 */

import { CheckRate } from "./check_rate.js";
import { listSetups, rememberSetup } from "./pose_setup.js";

/**
 * @typedef {import("./landmarks.js").LiveSample} LiveSample
 * @typedef {"loading" | "running" | "failed" | "stopped"} StreamState
 */

const LONGEST_SIDE_PX = 640; // of the copy that is checked: the model reads 256 pixels of the person; chosen
const LOAD_LIMIT_MS = 60_000; // to load 15 MB over a gym's Wi-Fi and start; chosen
const CHECK_LIMIT_MS = 20_000; // for one check: the first one compiles; chosen

/** Tell whether this browser has what the stream needs; WebAssembly is tried by the worker. */
export const canRunPoseStream = () =>
  "Worker" in window && "OffscreenCanvas" in window && "createImageBitmap" in window && "WebAssembly" in window;

/** The stream; `onSample` gets each LiveSample. */
export class PoseStream {
  /**
   * @param {HTMLVideoElement} video shows the camera
   * @param {object} options
   * @param {import("./pose_setup.js").LiveGuideFiles} options.files
   * @param {(sample: LiveSample) => void} options.onSample
   * @param {(state: StreamState, reason: string|null) => void} [options.onState]
   * @param {() => number|null} [options.getRoll] the phone's roll by its sensor, degrees
   */
  constructor(video, { files, onSample, onState = () => {}, getRoll = () => null }) {
    this.video = video;
    this.files = files;
    this.onSample = onSample;
    this.onState = onState;
    this.getRoll = getRoll;
    /** @type {StreamState} */
    this.state = "stopped";
    this.rate = new CheckRate();
    /** @type {import("./pose_setup.js").PoseSetup[]} */
    this.setups = [];
    /** @type {Worker|null} */
    this.worker = null;
    this.isReady = false;
    this.isBusy = false;
    this.startedAt = 0;
    this.timer = 0;
    this.watchdog = 0;
    this.onVisibility = () => {
      // A hidden page stands still, and its worker with it: the time to answer begins again.
      if (document.hidden) clearTimeout(this.watchdog);
      else if (!this.isReady) this.#watch(LOAD_LIMIT_MS);
      else if (this.isBusy) this.#watch(CHECK_LIMIT_MS);
      this.#schedule();
    };
  }

  /** Load the model and start to check frames. */
  start() {
    if (this.state === "loading" || this.state === "running") return;
    this.setups = listSetups(this.files);
    document.addEventListener("visibilitychange", this.onVisibility);
    this.#startWorker("no pose model is available");
  }

  /** Stop; the worker ends at once. */
  stop() {
    this.#end("stopped", null);
  }

  /** Start a worker for the first of the setups; without one the stream fails for this reason. */
  #startWorker(reason) {
    this.#endWorker();
    const [setup] = this.setups;
    if (!setup) return this.#end("failed", reason);
    this.rate = new CheckRate();
    this.#setState("loading", null);
    const worker = new Worker(new URL("pose_worker.js", import.meta.url), { type: "module" });
    this.worker = worker;
    worker.onmessage = ({ data }) => worker === this.worker && this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#tryNext(event.message || "the worker does not start");
    };
    const { models, ...files } = this.files;
    worker.postMessage({ type: "load", files, model: models[setup.model], delegate: setup.delegate });
    this.#watch(LOAD_LIMIT_MS);
  }

  #receive(data) {
    clearTimeout(this.watchdog);
    if (data.type === "failed") return this.#tryNext(data.message);
    if (data.type === "ready") {
      this.isReady = true;
      this.#setState("running", null);
    } else {
      this.isBusy = false;
      this.rate.add(data.inference_ms);
      this.onSample({ ...data.sample, roll_deg: this.getRoll() });
      if (this.state !== "running") return; // stopped by that sample
      if (this.rate.isSlow && this.setups.length > 1) return this.#tryNext("too slow");
      if (this.rate.isSlow !== null) rememberSetup(this.setups[0]);
    }
    this.#schedule();
  }

  #tryNext(reason) {
    this.setups.shift();
    this.#startWorker(reason);
  }

  /** Check the next frame when it is time. */
  #schedule() {
    clearTimeout(this.timer);
    if (!this.isReady || this.isBusy || document.hidden) return;
    const wait_ms = this.startedAt + this.rate.interval_ms - performance.now();
    this.timer = setTimeout(() => this.#check(), Math.max(wait_ms, 0));
  }

  async #check() {
    const { video, worker } = this;
    const { videoWidth: width_px, videoHeight: height_px } = video;
    if (this.isBusy || !worker) return;
    this.startedAt = performance.now();
    if (!width_px || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return this.#schedule();
    this.isBusy = true;
    const time_s = this.startedAt / 1000;
    const scale = Math.min(LONGEST_SIDE_PX / Math.max(width_px, height_px), 1);
    const size = { resizeWidth: Math.round(width_px * scale), resizeHeight: Math.round(height_px * scale) };
    try {
      const frame = await createImageBitmap(video, size);
      if (worker !== this.worker) return frame.close();
      worker.postMessage({ type: "frame", frame, time_s, width_px, height_px }, [frame]);
      this.#watch(CHECK_LIMIT_MS);
    } catch {
      if (worker !== this.worker) return undefined;
      this.isBusy = false; // the camera has no frame just now
      this.#schedule();
    }
    return undefined;
  }

  #watch(limit_ms) {
    clearTimeout(this.watchdog);
    if (document.hidden) return;
    this.watchdog = setTimeout(() => this.#tryNext("no answer of the worker"), limit_ms);
  }

  /**
   * @param {StreamState} state
   * @param {string|null} reason
   */
  #setState(state, reason) {
    this.state = state;
    this.onState(state, reason);
  }

  #endWorker() {
    clearTimeout(this.timer);
    clearTimeout(this.watchdog);
    this.worker?.terminate();
    this.worker = null;
    this.isReady = false;
    this.isBusy = false;
  }

  #end(state, reason) {
    this.#endWorker();
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.#setState(state, reason);
  }
}
