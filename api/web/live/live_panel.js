/** What the live guide shows over the picture: instruction, count, figures, and the choice of one of two people. */

import { el, setChildren } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { messages } from "../text/messages.js";
import { CalmAnnouncer } from "./calm_announcer.js";
import { getMiddle } from "./landmarks.js";

const FIGURES_MS = 250; // between two updates of the figures, so that they can be read; chosen

/** @typedef {"good" | "notYet" | "set"} PictureState */

/** The nodes over the picture. */
export class LivePanel {
  /**
   * @param {HTMLElement} picture
   * @param {(x_px: number, y_px: number) => void} onChoose called with the place of the person who is chosen
   */
  constructor(picture, onChoose) {
    this.picture = picture;
    this.onChoose = onChoose;
    this.icon = el("span", { class: "live-icon" });
    this.text = el("span", {});
    this.progress = el("span", { class: "live-progress", "aria-hidden": "true" });
    this.instruction = el("p", { class: "live-instruction", hidden: true }, this.icon, this.text, this.progress);
    this.people = el("div", { class: "live-people", hidden: true });
    this.count = el("strong", {});
    this.figures = el("span", {});
    const buildTag = () => el("span", { class: "live-tag", text: messages.film.preview });
    this.countBox = el("div", { class: "live-count", hidden: true }, this.count, buildTag());
    this.preview = el("div", { class: "live-preview", hidden: true }, buildTag(), this.figures);
    this.announcer = new CalmAnnouncer();
    /** @type {import("./landmarks.js").Point[]} */
    this.places = [];
    this.drawnAt = 0;
    this.shown = "";
    picture.append(this.instruction, this.countBox, this.people, this.preview);
  }

  /**
   * Show one instruction, or none.
   * @param {string} text
   * @param {PictureState} state
   * @param {number} progress of the steady seconds before the start, 0 to 1
   */
  showInstruction(text, state, progress) {
    this.picture.dataset.state = state;
    this.progress.style.setProperty("--share", String(progress));
    if (text === this.shown) return;
    this.shown = text;
    this.instruction.hidden = !text;
    this.text.textContent = text;
    setChildren(this.icon, icon(state === "notYet" ? "ask" : "check"));
    this.announcer.announce(text);
  }

  /** Show no state of the picture: nothing is filmed or about to be. */
  rest() {
    delete this.picture.dataset.state;
  }

  /**
   * Show the count of reps or the time of a hold, and the angles.
   * @param {{count: string, figures: string}} values
   */
  showFigures({ count, figures }) {
    const now = performance.now();
    if (count === this.count.textContent && now - this.drawnAt < FIGURES_MS) return;
    this.drawnAt = now;
    this.countBox.hidden = !count;
    this.preview.hidden = !figures;
    this.count.textContent = count;
    this.figures.textContent = figures;
  }

  /**
   * Offer each of several people as a button, for those who cannot tap on the picture; none: hide them.
   * @param {import("./landmarks.js").LivePerson[]} people
   */
  offerPeople(people) {
    const places = people.map((person) => getMiddle(person, "hip")).sort((a, b) => a.x - b.x);
    this.places = places;
    if (this.people.hidden === !places.length) return;
    this.people.hidden = !places.length;
    const choose = (pick) => {
      const place = pick(this.places);
      if (place) this.onChoose(place.x, place.y);
    };
    const choice = (text, pick) =>
      el("button", { type: "button", class: "button small", text, on: { click: () => choose(pick) } });
    setChildren(
      this.people,
      choice(messages.film.personLeft, (all) => all[0]),
      choice(messages.film.personRight, (all) => all[all.length - 1]),
    );
  }

  /** Remove everything. */
  remove() {
    this.rest();
    this.announcer.stop();
    for (const node of [this.instruction, this.countBox, this.people, this.preview]) node.remove();
  }
}
