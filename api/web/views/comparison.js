/** Two clips side by side, played in step, with what changed in words and numbers. */

import { get } from "../core/api_client.js";
import { el, setChildren } from "../core/dom.js";
import { getMovementTitle, loadMovements } from "../core/movement_list.js";
import { formatLoad, formatNumber, formatThreshold, loadVocabulary } from "../core/vocabulary.js";
import {
  bindPlayerKeys,
  buildLineToggles,
  buildTransport,
  createClipScene,
  loadVisibleLines,
} from "../player/clip_player.js";
import { listEvents } from "../player/movement_events.js";
import { hasBackLine } from "../player/overlay_drawing.js";
import { getAnchors, pairAnchors, syncPlayback } from "../player/synced_playback.js";
import { formatDate } from "../text/formatting.js";
import { messages } from "../text/messages.js";
import { buildKeyChanges } from "./key_changes.js";
import { heading, problemBox, showWaiting } from "./page_parts.js";
import { buildChangeBadge } from "./trend_lines.js";

const CROP_MARGIN = 0.12; // around the person, as a share of their box; chosen
const CROP_ASPECT = 3 / 4;

/** Render the comparison of two clips by the ids of their analyses. */
export async function renderComparisonView(root, { a, b }) {
  showWaiting(root);
  const clips = await Promise.all(
    [a, b].map(async (id) => {
      const path = `analyses/${encodeURIComponent(id)}`;
      const [status, result, overlay] = await Promise.all([get(path), get(`${path}/result`), get(`${path}/overlay`)]);
      return { id, status, result, overlay };
    }),
  );
  await Promise.all([loadMovements(), loadVocabulary()]);
  const changes = el("div", {});
  const visibleLines = loadVisibleLines(); // one set of toggles for both clips
  const scenes = clips.map(({ id, overlay }) => createClipScene(id, overlay, { visibleLines }));
  const [leader, follower] = scenes.map(({ player }) => player);
  const draw = () => {
    for (const scene of scenes) scene.draw();
  };
  const stopSync = syncPlayback(leader, follower, pairAnchors(...clips.map(({ result }) => getAnchors(result))));
  const available = {
    back: clips.some(({ overlay }) => hasBackLine(overlay)),
    load: clips.some(({ overlay }) => overlay.load),
  };
  const titles = [messages.compare.first, messages.compare.second];
  const panels = clips.map((clip, i) => buildPanel(clip, scenes[i], titles[i]));
  const pair = el("div", { class: "pair" }, panels);
  bindPlayerKeys(pair, leader);
  pair.addEventListener("click", () => leader.toggle());
  setChildren(
    root,
    heading(messages.compare.title),
    el("p", { class: "quiet", text: getMovementTitle(clips[1].result.movement.name) }),
    pair,
    buildLineToggles({ visibleLines, draw }, available),
    buildEventChips(listEvents(clips[0].result), leader),
    changes,
    buildTransport(leader),
  );
  get(`compare?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`).then(
    (comparison) => setChildren(changes, buildChanges(comparison.pairs[0])),
    (error) => setChildren(changes, problemBox(error)),
  );
  return () => {
    stopSync();
    for (const scene of scenes) scene.close();
  };
}

/** Build the chips that go to each event of the first clip. */
function buildEventChips(events, player) {
  if (!events.length) return null;
  return el(
    "div",
    { class: "chips", role: "group", "aria-label": messages.chart.events },
    events.map(({ title, at_s }) =>
      el("button", {
        type: "button",
        class: "chip-button",
        text: title,
        on: {
          click: () => {
            player.pause();
            player.seekToTime(at_s);
          },
        },
      }),
    ),
  );
}

/** Build one clip, cropped to the person so that both have the same size on a small screen. */
function buildPanel({ status, result, overlay }, scene, title) {
  const crop = computeCrop(result.subject.box_px, overlay);
  const toPercent = (share) => `${(100 * share).toFixed(3)}%`;
  Object.assign(scene.node.style, {
    position: "absolute",
    width: toPercent(overlay.width_px / crop.width),
    left: toPercent(-crop.x / crop.width),
    top: toPercent(-crop.y / crop.height),
  });
  scene.node.style.setProperty("--ratio", String(overlay.width_px / overlay.height_px));
  return el(
    "figure",
    {},
    el("div", { class: "crop" }, scene.node),
    el(
      "figcaption",
      {},
      el("strong", { text: title }),
      el("span", {
        class: "quiet",
        text: [
          formatDate(status.clip.recorded_at ?? status.created_at),
          status.load_kg ? formatLoad(status.load_kg) : null,
        ]
          .filter(Boolean)
          .join(" · "),
      }),
    ),
  );
}

/** Compute the crop around a person: their box, widened to the panel's shape, inside the picture where it fits. */
export function computeCrop([x0, y0, x1, y1], { width_px, height_px }) {
  let [width, height] = [(x1 - x0) * (1 + 2 * CROP_MARGIN), (y1 - y0) * (1 + 2 * CROP_MARGIN)];
  if (width / height < CROP_ASPECT) width = height * CROP_ASPECT;
  else height = width / CROP_ASPECT;
  const getStart = (centre, size, total) =>
    size >= total ? (total - size) / 2 : Math.min(Math.max(0, centre - size / 2), total - size);
  return {
    x: getStart((x0 + x1) / 2, width, width_px),
    y: getStart((y0 + y1) / 2, height, height_px),
    width,
    height,
  };
}

/** Build what changed, from a pair of GET /v1/compare: `sentences` are the changes in words, `rows` the other numbers. */
function buildChanges({ sentences: changes, notes, rows, key_changes: keyChanges }) {
  const shown = new Set(keyChanges.map(({ quantity }) => quantity));
  const otherRows = rows.filter(({ key }) => !shown.has(key));
  const sentences = changes.length ? changes : [{ text: messages.compare.nothing }];
  return [
    el(
      "section",
      { class: "card can", "aria-labelledby": "changes-title" },
      el("h2", { id: "changes-title", text: messages.compare.changes }),
      sentences.map(({ text, cue }) => [el("p", { text }), cue && el("p", { class: "cue", text: `“${cue}”` })]),
    ),
    buildKeyChanges(keyChanges),
    notes?.length
      ? el(
          "section",
          { class: "card" },
          el("h2", { text: messages.compare.notes }),
          el(
            "ul",
            { class: "notes" },
            notes.map(({ text }) => el("li", { text })),
          ),
        )
      : null,
    otherRows.length
      ? el(
          "details",
          { class: "card details" },
          el("summary", {}, el("span", { text: messages.compare.numbers })),
          el("ul", { class: "plain-list" }, otherRows.map(buildNumberRow)),
        )
      : null,
  ];
}

function buildNumberRow(row) {
  const [before, after] = [row.before, row.after].map((value) => formatNumber(value, row.unit));
  const threshold = formatThreshold(row.threshold, row.unit);
  return el(
    "li",
    { class: "over-time" },
    el(
      "span",
      { class: "over-text" },
      el("span", { text: row.title }),
      el("span", { class: "quiet", text: messages.compare.row(before, after, threshold) }),
    ),
    buildChangeBadge(row.clear),
  );
}
