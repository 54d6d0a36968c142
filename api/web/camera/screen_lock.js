/** Keeping the screen on while the camera is open: hands-free, nobody touches the phone. */

/** Held from `hold` to `release`; browsers without wake locks do as they always do. */
export class ScreenLock {
  constructor() {
    /** @type {WakeLockSentinel|null} */
    this.lock = null;
    this.isHeld = false;
    this.onVisibility = () => void this.#request(); // a hidden page loses its lock
  }

  hold() {
    this.isHeld = true;
    document.addEventListener("visibilitychange", this.onVisibility);
    return this.#request();
  }

  release() {
    this.isHeld = false;
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.lock?.release().catch(() => null);
    this.lock = null;
  }

  async #request() {
    if (!("wakeLock" in navigator) || document.hidden) return;
    const lock = await navigator.wakeLock.request("screen").catch(() => null); // refused with a low battery
    this.lock = lock;
    if (!this.isHeld) this.release();
  }
}
