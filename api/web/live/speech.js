/** Speaking the live guide's instructions and counts: one sentence at a time, the newest one. */

const SAME_AFTER_S = 6; // an instruction that stays is repeated after this long; chosen

/** A voice that can be switched off. */
export class Speaker {
  /** @param {boolean} isOn */
  constructor(isOn) {
    this.isOn = isOn;
    this.last = "";
    this.last_s = -Infinity;
  }

  /** Whether this browser can speak. */
  static get isAvailable() {
    return "speechSynthesis" in window && "SpeechSynthesisUtterance" in window;
  }

  /**
   * Speak a text at once, instead of any that is being spoken. The same text is not repeated within seconds.
   * @param {string} text
   */
  say(text) {
    const now_s = performance.now() / 1000;
    if (!this.isOn || !Speaker.isAvailable || (text === this.last && now_s - this.last_s < SAME_AFTER_S)) return;
    this.last = text;
    this.last_s = now_s;
    speechSynthesis.cancel();
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = document.documentElement.lang || "en";
    speechSynthesis.speak(utterance);
  }

  /** Be silent at once. */
  stop() {
    this.last = "";
    if (Speaker.isAvailable) speechSynthesis.cancel();
  }
}
