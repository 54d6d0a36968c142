/** The filming guide: a drawing of where the phone and the person stand, and tips. */

import { el, svg } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { messages } from "../text/messages.js";

/** Draw a person standing tall, from the side; used in the guide and over the live picture. */
export function drawPerson(className = "figure") {
  return svg(
    "g",
    { class: className },
    svg("circle", { cx: 0, cy: -88, r: 8.5 }),
    svg("path", { d: "M-1 -77C-5 -70 -5 -60 -2 -50L-1 -46L0 -24L-1 -3L10 -2" }),
    svg("path", { d: "M-1 -74C2 -64 2 -56 1 -42" }),
  );
}

function drawGuide() {
  return svg(
    "svg",
    { class: "guide-drawing", viewBox: "0 0 320 138", role: "img", "aria-label": messages.guide.picture },
    svg("path", { class: "floor", d: "M8 112H312" }),
    svg("path", { class: "sight", d: "M60 63 L268 6 V118 Z" }),
    svg("g", { transform: "translate(236 112)" }, drawPerson()),
    svg("path", { class: "level", d: "M62 63H228" }),
    svg("rect", { class: "phone", x: 46, y: 48, width: 9, height: 28, rx: 2 }),
    svg("path", { class: "stand", d: "M50 76V112M50 92 40 112M50 92 60 112" }),
    svg("path", { class: "measure", d: "M50 122H236M50 118v8M236 118v8" }),
    svg("text", { class: "guide-text", x: 143, y: 135, "text-anchor": "middle" }, messages.guide.distance),
    svg("text", { class: "guide-text", x: 66, y: 56 }, messages.guide.height),
  );
}

/** Build the card with the drawing and the tips. */
export function buildFilmingGuide() {
  return el(
    "section",
    { class: "card", "aria-labelledby": "guide-title" },
    el("h2", { id: "guide-title", text: messages.guide.title }),
    drawGuide(),
    el(
      "ul",
      { class: "tips" },
      messages.guide.tips.map((tip) => el("li", {}, icon("check"), tip)),
    ),
  );
}
