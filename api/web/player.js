/** A video that is read frame by frame: which frame is seen, stepping by real frame times, slow motion. */

const RATES = [1, 0.5, 0.25];

/** Index of the frame that is on screen at a time; `times` rise. */
export function frameAt(times, time) {
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
 * A time shortly after a frame begins: a browser that seeks to its edge may show the one before. Of fast clips `times`
 * holds every second to fourth frame only, so it is well before the middle.
 */
export function within(times, index) {
  const start = times[index];
  const next = times[index + 1] ?? start + (times.length > 1 ? (times.at(-1) - times[0]) / (times.length - 1) : 0.04);
  return start + 0.15 * (next - start);
}

export class Player extends EventTarget {
  /** `times`: the clip's true frame times in seconds. Tells "frame" (index) and "state". */
  constructor(video, times) {
    super();
    this.video = video;
    this.times = times;
    this.index = 0;
    this.until = null;
    this.stop = new AbortController();
    const { signal } = this.stop;
    for (const name of ["play", "pause", "ended"]) video.addEventListener(name, () => this.#tell("state"), { signal });
    if ("requestVideoFrameCallback" in video) this.#everyFrame();
    else
      for (const name of ["timeupdate", "seeked"])
        video.addEventListener(name, () => this.#seen(video.currentTime), { signal });
  }

  get playing() {
    return !this.video.paused && !this.video.ended;
  }
  get rate() {
    return this.video.playbackRate;
  }

  toggle() {
    return this.playing ? this.pause() : this.play();
  }

  play() {
    this.until = null;
    return this.#begin();
  }

  /** Play from one time to another, then stop. */
  playPart(from, to) {
    this.seek(from);
    this.until = to;
    return this.#begin();
  }

  pause() {
    this.until = null;
    this.video.pause();
  }

  /** Go on by n frames, back by -n. */
  step(n) {
    this.pause();
    this.toFrame(this.index + n);
  }

  seek(time) {
    this.toFrame(frameAt(this.times, time));
  }

  toFrame(index) {
    this.index = Math.min(this.times.length - 1, Math.max(0, index));
    this.video.currentTime = Math.min(
      within(this.times, this.index),
      Math.max(0, (this.video.duration || Infinity) - 1e-3),
    );
    this.#tell("frame");
  }

  /** The next slower speed; after the slowest, full speed. */
  nextRate() {
    this.setRate(RATES[(RATES.indexOf(this.rate) + 1) % RATES.length]);
  }

  setRate(rate) {
    this.video.playbackRate = this.video.defaultPlaybackRate = rate;
    this.#tell("state");
  }

  close() {
    this.stop.abort();
    this.closed = true;
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  #begin() {
    if (this.video.ended || this.index >= this.times.length - 1) this.toFrame(0);
    return this.video.play()?.catch(() => null);
  }

  #everyFrame() {
    this.video.requestVideoFrameCallback((_, frame) => {
      if (this.closed) return;
      if (!this.video.seeking) this.#seen(frame.mediaTime);
      this.#everyFrame();
    });
  }

  #seen(time) {
    const index = frameAt(this.times, time);
    if (this.until !== null && time >= this.until) this.pause();
    if (index === this.index) return;
    this.index = index;
    this.#tell("frame");
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
