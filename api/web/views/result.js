/** The result of a clip: the video with its lines, the chart under it, what they can do, one thing to try. */

import { changed, get, Told } from "../api.js";
import { angleChart } from "../chart.js";
import { bandsOf } from "../bands.js";
import { seen } from "../corrections.js";
import { el, focusIn, put } from "../dom.js";
import { movementTitle, movements } from "../facts.js";
import { stagesOf } from "../marks.js";
import { stillShown } from "../router.js";
import { lineToggles, pictureKeys, transport, videoWithLines } from "../stage.js";
import { known } from "../overlay.js";
import { words } from "../words.js";
import { beforePart } from "./before.js";
import { feltPart } from "./felt.js";
import { findingsPart, leadLine } from "./findings.js";
import { problemBox } from "./common.js";
import { aboutPart, eventsPart, filesPart } from "./details.js";
import { actionsRow } from "./actions.js";
import { resultHead } from "./result_head.js";
import { posturesPart } from "./postures.js";
import { screenPart } from "./screen.js";

const CORRECTED = new Set(["slump"]); // movements whose stages the coach names, docs/marks.md

export async function resultView(root, first) {
  let status = first;
  const path = `analyses/${encodeURIComponent(status.id)}`;
  const [loaded, overlay, stored, moves, client] = await Promise.all([
    get(`${path}/result`),
    get(`${path}/overlay`).catch(() => null),
    get(`${path}/marks`).catch(() => null),
    movements(),
    status.client ? get(`clients/${encodeURIComponent(status.client)}`).catch(() => null) : null,
  ]);
  if (!stillShown(root)) return null;
  let result = loaded;
  let marks = stored; // null: not known, so that nothing may be put over them
  const unknown = result.movement.name === "unknown";
  const title = unknown ? words.details.movement.what : movementTitle(result.movement.name, result.movement.variant);
  document.title = `${title} · ${words.app}`;

  const lead = el("div", {});
  const said = el("div", {});
  const questions = el("div", {});
  const felt = el("div", {});
  const events = el("div", {});
  const correcting = el("div", {});
  const stages = (now = marks) => seen(result.stages ?? [], stagesOf(now, result.movement.name));
  const bands = () => bandsOf({ ...result, stages: stages() });
  const player = overlay ? playerPart(status, overlay, bands()) : null;
  const look = {
    id: status.id,
    movement: result.movement.name,
    overlay,
    bands: bands(),
    player,
    stages,
    questions,
    marks: () => marks,
    /** Change what is stored, as it is now: another page may have added to it. */
    async keep(change) {
      marks = await changed(`${path}/marks`, change);
      drawFelt();
    },
    async remeasured() {
      result = await get(`${path}/result`);
      status = await get(path);
      drawWords();
      drawEvents();
      drawFelt();
    },
    drawEvents: () => drawEvents(),
    show(time) {
      player?.go(time);
    },
  };
  const drawFelt = () => {
    put(felt, feltPart(look));
    player?.scene.draw();
  };
  const focusOn = (key, options) =>
    focusIn(events, events.querySelector(`[data-key="${key}"]`) ? `[data-key="${key}"]` : "h2", options);
  const correct =
    player && marks && CORRECTED.has(result.movement.name) ? posturesPart(look, correcting, focusOn) : null;
  const drawEvents = () => {
    look.bands = bands();
    player?.chart.mark(look.bands);
    const focused = document.activeElement;
    const held = focused instanceof HTMLElement && events.contains(focused) ? (focused.dataset.key ?? "") : null;
    put(events, eventsPart(result, look, correct));
    if (held !== null) focusOn(held, { preventScroll: true });
  };
  const drawWords = () => {
    put(lead, leadLine(result));
    put(said, findingsPart(result, look));
    put(questions, screenPart(result, look));
  };
  if (player && marks) {
    look.markButton = el("button", { type: "button", class: "round wide-label", text: words.marks.button });
    player.bar.append(look.markButton);
  }
  const head = resultHead({ root, status, result, known: moves, client, lead });
  drawWords();
  drawEvents();
  drawFelt();
  put(
    root,
    el(
      "div",
      { class: "result" },
      head.node,
      el("div", { class: "result-picture" }, player ? player.node : problemBox(new Told(null, words.result.noLines))),
      el(
        "div",
        { class: "result-text" },
        questions,
        said,
        events,
        correcting,
        beforePart(look),
        felt,
        actionsRow(status, result),
        filesPart(status),
        aboutPart(status, result),
      ),
    ),
    player?.bar,
  );
  return () => {
    look.stop?.();
    head.close();
    player?.close();
  };
}

/** Video, toggles and chart, tied to one another. */
function playerPart(status, overlay, bands) {
  const scene = videoWithLines(status.id, overlay);
  const { player } = scene;
  const hasBack = Boolean(overlay.back?.line_px?.some((line) => line?.some(known)));
  const picture = scene.node;
  picture.style.setProperty("--ratio", String(overlay.width_px / overlay.height_px));
  pictureKeys(picture, player);
  const chart = angleChart(overlay, bands, (index) => {
    player.pause();
    player.toFrame(index);
  });
  player.addEventListener("frame", () => chart.cursor(player.index));
  const broken = el("p", { class: "quiet", text: words.result.videoOff, hidden: true });
  player.video.addEventListener("error", () => {
    if (!player.closed) broken.hidden = false;
  });
  return {
    scene,
    chart,
    picture,
    bar: transport(player),
    player,
    node: el("div", {}, picture, broken, lineToggles(scene, { back: hasBack, load: Boolean(overlay.load) }), chart),
    go(time) {
      player.pause();
      player.seek(time);
      picture.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
    },
    close() {
      chart.close();
      scene.close();
    },
  };
}

const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
