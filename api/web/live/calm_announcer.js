/** Instructions for screen readers: one every few seconds at most, and then the newest. */

import { announce } from "../core/dom.js";

const PAUSE_MS = 4000; // time to listen to one instruction; chosen

/** Announces texts that may change faster than they can be listened to. */
export class CalmAnnouncer {
  constructor() {
    this.last = "";
    this.next = "";
    this.timer = 0;
  }

  /**
   * Announce a text at once, or after the pause if it is still the newest then; an empty one announces nothing.
   * @param {string} text
   */
  announce(text) {
    this.next = text;
    if (!this.timer) this.#announceNext();
  }

  /** Announce nothing more. */
  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.next = "";
  }

  #announceNext() {
    this.timer = 0;
    if (!this.next || this.next === this.last) return;
    this.last = this.next;
    announce(this.last);
    this.timer = setTimeout(() => this.#announceNext(), PAUSE_MS);
  }
}
