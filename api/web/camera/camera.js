/** The phone's camera, shown in a video element. */

/** One camera at a time: the one behind the screen, or the one beside it. */
export class Camera {
  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.video = video;
    this.isFront = false;
    this.isClosed = false;
    /** @type {MediaStream|null} */
    this.stream = null;
    /** Called when the phone takes the camera away: for a call, or another app. */
    this.onLost = () => {};
  }

  /** Whether the camera shows a picture. */
  get isOpen() {
    return this.stream?.getVideoTracks().some(({ readyState }) => readyState === "live") ?? false;
  }

  /**
   * Open the camera. Throws when the person or the browser refuses it.
   * @returns {Promise<MediaStream|null>} null if it was closed meanwhile
   */
  async open() {
    this.#stopTracks();
    const opened = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: {
        facingMode: { ideal: this.isFront ? "user" : "environment" },
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30 },
      },
    });
    this.#stopTracks();
    this.stream = opened;
    if (this.isClosed) {
      this.#stopTracks();
      return null;
    }
    // Does not happen to a track that is stopped here.
    for (const track of opened.getTracks()) track.addEventListener("ended", () => this.onLost());
    this.video.srcObject = opened;
    return opened;
  }

  /** Open the other camera. */
  switch() {
    this.isFront = !this.isFront;
    return this.open();
  }

  /** Close the camera for good. */
  close() {
    this.isClosed = true;
    this.#stopTracks();
  }

  #stopTracks() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }
}
