/** Recording what the camera shows, in parts of a second. */

const TYPES = [
  "video/mp4;codecs=avc1.42E01E",
  "video/mp4",
  "video/webm;codecs=vp9",
  "video/webm;codecs=vp8",
  "video/webm",
];
const BITS_PER_S = 6_000_000;
const PART_MS = 1000;

/** One recording, which starts at once. */
export class ClipRecorder {
  /** @param {MediaStream} stream */
  constructor(stream) {
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    this.recorder = new MediaRecorder(stream, { ...(mimeType ? { mimeType } : {}), videoBitsPerSecond: BITS_PER_S });
    /** @type {Blob[]} */
    this.parts = [];
    /** @type {(part: Blob) => void} called with each further part */
    this.onPart = () => {};
    this.startedAt = performance.now();
    this.duration_s = 0;
    this.recorder.ondataavailable = ({ data }) => {
      if (!data.size) return;
      this.parts.push(data);
      this.onPart(data);
    };
    this.recorder.start(PART_MS);
  }

  /** The media type of the recording. */
  get type() {
    return this.recorder.mimeType;
  }

  /**
   * Stop, and get the whole clip.
   * @returns {Promise<Blob>}
   */
  async stop() {
    this.duration_s = (performance.now() - this.startedAt) / 1000;
    if (this.recorder.state !== "inactive") {
      const stopped = new Promise((resolve) => this.recorder.addEventListener("stop", resolve, { once: true }));
      this.recorder.stop();
      await stopped;
    }
    return new Blob(this.parts, { type: this.type });
  }

  /** Stop and forget the clip. */
  discard() {
    this.onPart = () => {};
    if (this.recorder.state !== "inactive") this.recorder.stop();
    this.parts = [];
  }
}
