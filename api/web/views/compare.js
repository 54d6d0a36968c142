/** Two clips side by side and in step, with what changed in words and numbers. */

import { get } from "../api.js";
import { bandsOf } from "../bands.js";
import { el, put } from "../dom.js";
import { movementTitle, movements } from "../facts.js";
import { anchorsOf, keepInStep, pairsOf } from "../instep.js";
import { known } from "../overlay.js";
import { lineToggles, linesShown, pictureKeys, transport, videoWithLines } from "../stage.js";
import { dateText } from "../text.js";
import { words } from "../words.js";
import { heading, problemBox, waiting } from "./common.js";
import { valueText } from "./lines.js";

const MARGIN = 0.12; // round the person, in parts of the box; chosen
const SHAPE = 3 / 4;

export async function compareView(root, { a, b }) {
  waiting(root);
  const sides = await Promise.all(
    [a, b].map(async (id) => {
      const path = `analyses/${encodeURIComponent(id)}`;
      const [status, result, overlay] = await Promise.all([get(path), get(`${path}/result`), get(`${path}/overlay`)]);
      return { id, status, result, overlay };
    }),
  );
  await movements();
  const said = el("div", {});
  const shown = linesShown(); // one set of toggles for both
  const scenes = sides.map((side) => videoWithLines(side.id, side.overlay, { shown }));
  const [leader, follower] = scenes.map((scene) => scene.player);
  const drawBoth = () => {
    for (const scene of scenes) scene.draw();
  };
  const both = { ...scenes[0], draw: drawBoth };
  const letGo = keepInStep(leader, follower, pairsOf(...sides.map((side) => anchorsOf(side.result))));
  const back = sides.some((side) => side.overlay.back?.line_px?.some((line) => line?.some(known)));
  const panels = sides.map((side, i) => panel(side, scenes[i], i ? words.compare.second : words.compare.first));
  const pair = el("div", { class: "pair" }, panels);
  pictureKeys(pair, leader);
  pair.addEventListener("click", () => leader.toggle());
  const bar = transport(leader);
  const bands = bandsOf(sides[0].result);
  put(
    root,
    heading(words.compare.title),
    el("p", { class: "quiet", text: movementTitle(sides[1].result.movement.name) }),
    pair,
    lineToggles(both, { back, load: sides.some((side) => side.overlay.load) }),
    bands.length
      ? el(
          "div",
          { class: "chips", role: "group", "aria-label": words.chart.bands },
          bands.map((band) =>
            el("button", {
              type: "button",
              class: "chip-button",
              text: band.title,
              on: {
                click: () => {
                  leader.pause();
                  leader.seek(band.at_s);
                },
              },
            }),
          ),
        )
      : null,
    said,
    bar,
  );
  get(`compare?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`).then(
    (comparison) => put(said, saidPart(comparison)),
    (told) => put(said, problemBox(told)),
  );
  return () => {
    letGo();
    for (const scene of scenes) scene.close();
  };
}

/** One clip, cropped to the person so that both stand alike on a small screen. */
function panel(side, scene, label) {
  const frame = el("div", { class: "crop" }, scene.node);
  const crop = cropOf(side.result.subject.box_px, side.overlay);
  const percent = (part) => `${(100 * part).toFixed(3)}%`;
  Object.assign(scene.node.style, {
    position: "absolute",
    width: percent(side.overlay.width_px / crop.width),
    left: percent(-crop.x / crop.width),
    top: percent(-crop.y / crop.height),
  });
  scene.node.style.setProperty("--ratio", String(side.overlay.width_px / side.overlay.height_px));
  return el(
    "figure",
    {},
    frame,
    el(
      "figcaption",
      {},
      el("strong", { text: label }),
      el("span", {
        class: "quiet",
        text: [dateText(side.status.created_at), side.status.load_kg ? words.result.load(side.status.load_kg) : null]
          .filter(Boolean)
          .join(" · "),
      }),
    ),
  );
}

/** The box round the person, widened to the panel's shape and kept within the picture where it fits. */
export function cropOf([x0, y0, x1, y1], { width_px, height_px }) {
  let [width, height] = [(x1 - x0) * (1 + 2 * MARGIN), (y1 - y0) * (1 + 2 * MARGIN)];
  if (width / height < SHAPE) width = height * SHAPE;
  else height = width / SHAPE;
  const place = (centre, size, whole) =>
    size >= whole ? (whole - size) / 2 : Math.min(Math.max(0, centre - size / 2), whole - size);
  return { x: place((x0 + x1) / 2, width, width_px), y: place((y0 + y1) / 2, height, height_px), width, height };
}

function saidPart(comparison) {
  const [pair] = comparison.pairs;
  const told = pair.told.length ? pair.told : [{ text: words.compare.nothing }];
  return [
    el(
      "section",
      { class: "card can", "aria-labelledby": "said-title" },
      el("h2", { id: "said-title", text: words.compare.said }),
      told.map((one) => [el("p", { text: one.text }), one.cue && el("p", { class: "cue", text: `“${one.cue}”` })]),
    ),
    pair.notes?.length
      ? el(
          "section",
          { class: "card" },
          el("h2", { text: words.compare.notes }),
          el(
            "ul",
            { class: "notes" },
            pair.notes.map((one) => el("li", { text: one.text })),
          ),
        )
      : null,
    pair.rows?.length
      ? el(
          "details",
          { class: "card details" },
          el("summary", {}, el("span", { text: words.compare.numbers })),
          el(
            "ul",
            { class: "plain-list" },
            pair.rows.map((row) =>
              el(
                "li",
                { class: "over-time" },
                el(
                  "span",
                  { class: "over-text" },
                  el("span", { text: row.title }),
                  el("span", {
                    class: "quiet",
                    text: `${valueText(row.before, row.unit)} → ${valueText(row.after, row.unit)} · ${words.compare.counts} ${valueText(row.threshold, row.unit)}`,
                  }),
                ),
                el("span", {
                  class: row.clear ? "badge clear" : "badge",
                  text: row.clear ? words.compare.clear : words.compare.same,
                }),
              ),
            ),
          ),
        )
      : null,
  ];
}
