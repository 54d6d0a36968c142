/** Frame-accurate video player: the frame on screen, stepping by the true frame times, slow motion. */

const PLAYBACK_RATES = [1, 0.5, 0.25];

/**
 * Find the index of the frame that is on screen at a time.
 * @param {number[]} times start times of the frames in seconds, ascending
 * @param {number} time
 */
export function findFrame(times, time) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= time + 1e-3) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/**
 * Get the time to seek to for a frame: shortly after its start, as a browser may show the frame before it otherwise.
 * Of clips with a high frame rate `times` holds only every second to fourth frame, so it is well before the middle.
 * @param {number[]} times
 * @param {number} index
 */
export function getSeekTime(times, index) {
  const start = times[index];
  const next =
    times[index + 1] ?? start + (times.length > 1 ? (times[times.length - 1] - times[0]) / (times.length - 1) : 0.04);
  return start + 0.15 * (next - start);
}

/** Dispatches "frame" when `index` changes, and "state" when it starts, stops or changes its rate. */
export class FramePlayer extends EventTarget {
  /**
   * @param {HTMLVideoElement} video
   * @param {number[]} times true frame times of the clip in seconds
   */
  constructor(video, times) {
    super();
    this.video = video;
    this.times = times;
    this.index = 0;
    this.stopAt_s = null;
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    for (const name of ["play", "pause", "ended"]) video.addEventListener(name, () => this.#emit("state"), { signal });
    if (typeof video.requestVideoFrameCallback === "function") this.#watchFrames();
    else
      for (const name of ["timeupdate", "seeked"])
        video.addEventListener(name, () => this.#showTime(video.currentTime), { signal });
  }

  get isPlaying() {
    return !this.video.paused && !this.video.ended;
  }
  get rate() {
    return this.video.playbackRate;
  }

  toggle() {
    return this.isPlaying ? this.pause() : this.play();
  }

  play() {
    this.stopAt_s = null;
    return this.#start();
  }

  /** Play from one time to another, then pause. */
  playRange(from, to) {
    this.seekToTime(from);
    this.stopAt_s = to;
    return this.#start();
  }

  pause() {
    this.stopAt_s = null;
    this.video.pause();
  }

  /** Step n frames forward, or -n frames back. */
  stepFrames(n) {
    this.pause();
    this.seekToFrame(this.index + n);
  }

  seekToTime(time) {
    this.seekToFrame(findFrame(this.times, time));
  }

  seekToFrame(index) {
    this.index = Math.min(this.times.length - 1, Math.max(0, index));
    this.video.currentTime = Math.min(
      getSeekTime(this.times, this.index),
      Math.max(0, (this.video.duration || Infinity) - 1e-3),
    );
    this.#emit("frame");
  }

  /** Switch to the next slower rate; after the slowest, to full speed. */
  cycleRate() {
    this.setRate(PLAYBACK_RATES[(PLAYBACK_RATES.indexOf(this.rate) + 1) % PLAYBACK_RATES.length]);
  }

  setRate(rate) {
    this.video.playbackRate = this.video.defaultPlaybackRate = rate;
    this.#emit("state");
  }

  close() {
    this.listeners.abort();
    this.isClosed = true;
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  #start() {
    if (this.video.ended || this.index >= this.times.length - 1) this.seekToFrame(0);
    return this.video.play()?.catch(() => null);
  }

  #watchFrames() {
    this.video.requestVideoFrameCallback((_, frame) => {
      if (this.isClosed) return;
      if (!this.video.seeking) this.#showTime(frame.mediaTime);
      this.#watchFrames();
    });
  }

  #showTime(time) {
    const index = findFrame(this.times, time);
    if (this.stopAt_s !== null && time >= this.stopAt_s) this.pause();
    if (index === this.index) return;
    this.index = index;
    this.#emit("frame");
  }

  #emit(name) {
    this.dispatchEvent(new Event(name));
  }
}
