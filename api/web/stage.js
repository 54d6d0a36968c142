/** The clip with its lines: video, canvas over it, toggles, transport; one node with a player in it. */

import { partOf } from "./api.js";
import { el, put } from "./dom.js";
import { icon } from "./icons.js";
import { BACK, drawOverlay, fitCanvas } from "./overlay.js";
import { Player } from "./player.js";
import { words } from "./words.js";

const REMEMBERED = "analyzer.lines";

/** A video with a canvas over it. `overlay` is overlay.json. Gives {node, player, shown, draw, canvas}. */
export function videoWithLines(id, overlay, { shown = linesShown() } = {}) {
  const video = el("video", {
    src: `${partOf(id, "clip")}#t=0.001`, // some phones show nothing before a first seek
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
  const player = new Player(video, overlay.times_s);
  const scene = { node, player, canvas, shown, felt: () => [], overlay };
  scene.draw = () => {
    fitCanvas(canvas);
    drawOverlay(canvas, overlay, player.index, shown, scene.felt());
  };
  player.addEventListener("frame", scene.draw);
  const resized = new ResizeObserver(scene.draw);
  resized.observe(canvas);
  scene.close = () => {
    resized.disconnect();
    player.close();
  };
  return scene;
}

/** Chips that show and hide the lines, and the colours' key. */
export function lineToggles(scene, { back, load }) {
  const there = { skeleton: true, back, load };
  const row = el("div", { class: "chips", role: "group", "aria-label": words.player.lines });
  const key = el(
    "p",
    { class: "key quiet" },
    `${words.player.key}: `,
    Object.entries(BACK).map(([step, colour]) => {
      const swatch = el("span", { class: "swatch", "aria-hidden": "true" });
      swatch.style.backgroundColor = colour;
      return el("span", { class: "key-part" }, swatch, words.player[step]);
    }),
  );
  const showKey = () => {
    key.hidden = !there.back || !scene.shown.back;
  };
  for (const name of Object.keys(there).filter((one) => there[one])) {
    const button = el("button", {
      type: "button",
      class: "chip-button",
      "aria-pressed": String(scene.shown[name]),
      text: words.player[name],
    });
    button.addEventListener("click", () => {
      scene.shown[name] = !scene.shown[name];
      button.setAttribute("aria-pressed", String(scene.shown[name]));
      remember(scene.shown);
      showKey();
      scene.draw();
    });
    row.append(button);
  }
  showKey();
  return el("div", { class: "toggles" }, row, key);
}

/** Frame back, play, frame on, speed; `more` buttons follow. */
export function transport(player, more = []) {
  const play = el("button", { type: "button", class: "round main", on: { click: () => player.toggle() } });
  const speed = el("button", { type: "button", class: "round speed", on: { click: () => player.nextRate() } });
  const step = (n, label, name) =>
    el(
      "button",
      { type: "button", class: "round", "aria-label": label, on: { click: () => player.step(n) } },
      icon(name),
    );
  const show = () => {
    put(play, icon(player.playing ? "pause" : "play"));
    play.setAttribute("aria-label", player.playing ? words.player.pause : words.player.play);
    speed.textContent = words.player.rates[player.rate] ?? `${player.rate}×`;
    speed.setAttribute("aria-label", words.player.speed(speed.textContent));
  };
  player.addEventListener("state", show);
  show();
  return el(
    "div",
    { class: "transport", role: "group", "aria-label": words.player.region },
    step(-1, words.player.stepBack, "stepBack"),
    play,
    step(1, words.player.stepOn, "stepOn"),
    speed,
    more,
  );
}

/** Arrow keys step and space plays while the picture has the focus. */
export function pictureKeys(node, player) {
  node.tabIndex = 0;
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", words.player.region);
  node.addEventListener("keydown", (event) => {
    if (event.target !== node || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { ArrowLeft: () => player.step(-1), ArrowRight: () => player.step(1), " ": () => player.toggle() }[
      event.key
    ];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** Which lines are shown, as they were last chosen. */
export function linesShown() {
  const all = { skeleton: true, back: true, load: true };
  try {
    return { ...all, ...JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}") };
  } catch {
    return all;
  }
}

function remember(shown) {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(shown));
  } catch {
    /* private browsing */
  }
}
