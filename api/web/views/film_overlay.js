/** The still guide over the picture of the camera, and the two seconds of standing tall after a tap. */

import { announce, el, setChildren, svg } from "../core/dom.js";
import { messages } from "../text/messages.js";
import { drawPerson } from "./filming_guide.js";

const STAND_TALL_S = 2;

/** Build the outline for the person to fill, with the line for the hips. */
export function buildGuideOverlay() {
  return svg(
    "svg",
    { class: "guide-over", viewBox: "0 0 160 220", preserveAspectRatio: "xMidYMid meet", "aria-hidden": "true" },
    svg("path", { d: "M30 30V14H46M114 14H130V30M130 190V206H114M46 206H30V190" }),
    svg("path", { class: "hips", d: "M10 112H150" }),
    svg("text", { x: 150, y: 124, "text-anchor": "end" }, messages.film.line),
    svg("g", { transform: "translate(80 204) scale(1.9)" }, drawPerson()),
  );
}

/**
 * Keep the guide on the picture of the camera, which may have another shape than the box around both.
 * @param {SVGElement} overlay
 * @param {HTMLVideoElement} video
 */
export function fitOverlayToPicture(overlay, video) {
  const fit = () => {
    if (video.videoWidth) overlay.style.setProperty("--picture-ratio", String(video.videoWidth / video.videoHeight));
  };
  video.addEventListener("resize", fit); // the size is known, or the phone or the camera has turned
}

/** Counts two seconds of standing tall, then shows "Go" for a second. */
export class Countdown {
  constructor() {
    this.node = el("p", { class: "count", hidden: true });
    /** @type {number[]} */
    this.timers = [];
  }

  start() {
    this.stop();
    this.node.hidden = false;
    announce(messages.film.tall);
    for (let n = 0; n < STAND_TALL_S; n += 1)
      this.#at(n, () => this.#show(messages.film.tall, String(STAND_TALL_S - n)));
    this.#at(STAND_TALL_S, () => {
      this.#show(messages.film.go);
      announce(messages.film.go);
    });
    this.#at(STAND_TALL_S + 1, () => {
      this.node.hidden = true;
    });
  }

  stop() {
    this.timers.forEach(clearTimeout);
    this.timers = [];
    this.node.hidden = true;
  }

  #at(seconds, act) {
    this.timers.push(setTimeout(act, 1000 * seconds));
  }

  #show(text, number = "") {
    setChildren(this.node, el("span", { text }), number && el("strong", { text: number }));
  }
}
