/** The clip with its overlay: video, canvas, toggles of the lines, transport bar and keys. */

import { buildAnalysisUrl } from "../core/api_client.js";
import { el, setChildren } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { getVocabulary } from "../core/vocabulary.js";
import { messages } from "../text/messages.js";
import { FramePlayer } from "./frame_player.js";
import { drawOverlay, fitCanvasToScreen } from "./overlay_drawing.js";

const SETTINGS_KEY = "analyzer.lines";

/**
 * @typedef {object} ClipScene a video with a canvas over it
 * @property {HTMLElement} node
 * @property {FramePlayer} player
 * @property {HTMLCanvasElement} canvas
 * @property {Record<string, boolean>} visibleLines {skeleton, back, load}
 * @property {() => import("./overlay_drawing.js").PlacedReport[]} getReports symptom reports to draw on this frame
 * @property {() => void} draw
 * @property {() => void} close
 */

/**
 * Create the video of a clip with its overlay.
 * @param {string} id of the analysis
 * @param {any} overlay overlay.json
 * @param {{visibleLines?: Record<string, boolean>}} [options]
 * @returns {ClipScene}
 */
export function createClipScene(id, overlay, { visibleLines = loadVisibleLines() } = {}) {
  const video = el("video", {
    src: `${buildAnalysisUrl(id, "clip")}#t=0.001`, // some phones show nothing before a first seek
    playsinline: true,
    muted: true,
    preload: "auto",
    tabindex: "-1",
    "aria-hidden": "true",
    disablepictureinpicture: true,
  });
  video.muted = true;
  const canvas = el("canvas", { class: "lines", "aria-hidden": "true" });
  const node = el("div", { class: "picture" }, video, canvas);
  const player = new FramePlayer(video, overlay.times_s);
  const draw = () => {
    fitCanvasToScreen(canvas);
    drawOverlay(canvas, overlay, player.index, visibleLines, scene.getReports());
  };
  const resizeObserver = new ResizeObserver(draw);
  const close = () => {
    resizeObserver.disconnect();
    player.close();
  };
  /** @type {ClipScene} */
  const scene = { node, player, canvas, visibleLines, getReports: () => [], draw, close };
  player.addEventListener("frame", draw);
  resizeObserver.observe(canvas);
  return scene;
}

/**
 * Build the chips that show and hide lines, and the key of the colours.
 * @param {{visibleLines: Record<string, boolean>, draw: () => void}} scene
 * @param {{back: boolean, load: boolean}} available lines that this clip has
 */
export function buildLineToggles({ visibleLines, draw }, { back, load }) {
  const available = { skeleton: true, back, load };
  const row = el("div", { class: "chips", role: "group", "aria-label": messages.player.lines });
  const key = el(
    "p",
    { class: "key quiet" },
    `${messages.player.key}: `,
    Object.entries(getVocabulary().rounding_colours).map(([step, colour]) => {
      const swatch = el("span", { class: "swatch", "aria-hidden": "true" });
      swatch.style.backgroundColor = colour;
      return el("span", { class: "key-part" }, swatch, getVocabulary().rounding_levels[step]);
    }),
  );
  const updateKey = () => {
    key.hidden = !available.back || !visibleLines.back;
  };
  for (const name of Object.keys(available).filter((line) => available[line])) {
    const button = el("button", {
      type: "button",
      class: "chip-button",
      "aria-pressed": String(visibleLines[name]),
      text: messages.player[name],
    });
    button.addEventListener("click", () => {
      visibleLines[name] = !visibleLines[name];
      button.setAttribute("aria-pressed", String(visibleLines[name]));
      saveVisibleLines(visibleLines);
      updateKey();
      draw();
    });
    row.append(button);
  }
  updateKey();
  return el("div", { class: "toggles" }, row, key);
}

/**
 * Build the transport bar: frame back, play, frame forward, speed; then `extraButtons`.
 * @param {FramePlayer} player
 * @param {import("../core/dom.js").Child[]} [extraButtons]
 */
export function buildTransport(player, extraButtons = []) {
  const play = el("button", { type: "button", class: "round main", on: { click: () => player.toggle() } });
  const speed = el("button", { type: "button", class: "round speed", on: { click: () => player.cycleRate() } });
  const step = (n, label, name) =>
    el(
      "button",
      { type: "button", class: "round", "aria-label": label, on: { click: () => player.stepFrames(n) } },
      icon(name),
    );
  const update = () => {
    setChildren(play, icon(player.isPlaying ? "pause" : "play"));
    play.setAttribute("aria-label", player.isPlaying ? messages.player.pause : messages.player.play);
    speed.textContent = messages.player.rates[player.rate] ?? `${player.rate}×`;
    speed.setAttribute("aria-label", messages.player.speed(speed.textContent));
  };
  player.addEventListener("state", update);
  update();
  return el(
    "div",
    { class: "transport", role: "group", "aria-label": messages.player.region },
    step(-1, messages.player.stepBack, "stepBack"),
    play,
    step(1, messages.player.stepForward, "stepForward"),
    speed,
    extraButtons,
  );
}

/** Bind the keys of a focused player: the arrows step, space plays. */
export function bindPlayerKeys(node, player) {
  node.tabIndex = 0;
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", messages.player.region);
  node.addEventListener("keydown", (event) => {
    if (event.target !== node || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = {
      ArrowLeft: () => player.stepFrames(-1),
      ArrowRight: () => player.stepFrames(1),
      " ": () => player.toggle(),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** Load which lines are visible, as last chosen on this phone. */
export function loadVisibleLines() {
  const all = { skeleton: true, back: true, load: true };
  try {
    return { ...all, ...JSON.parse(localStorage.getItem(SETTINGS_KEY) ?? "{}") };
  } catch {
    return all;
  }
}

function saveVisibleLines(visibleLines) {
  try {
    localStorage.setItem(SETTINGS_KEY, JSON.stringify(visibleLines));
  } catch {
    /* private browsing */
  }
}
