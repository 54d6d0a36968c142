/** The result of a clip: the video with its lines, the chart under it, what they can do, one thing to try. */

import { call, get } from "../api.js";
import { angleChart } from "../chart.js";
import { bandsOf } from "../bands.js";
import { el, put } from "../dom.js";
import { movementTitle } from "../facts.js";
import { stillShown } from "../router.js";
import { lineToggles, pictureKeys, transport, videoWithLines } from "../stage.js";
import { known } from "../overlay.js";
import { words } from "../words.js";
import { feltPart } from "./felt.js";
import { findingsPart, leadLine } from "./findings.js";
import { heading, problemBox } from "./common.js";
import { aboutPart, eventsPart, filesPart } from "./details.js";
import { actionsRow } from "./actions.js";
import { screenPart } from "./screen.js";

export async function resultView(root, first) {
  let status = first;
  const path = `analyses/${encodeURIComponent(status.id)}`;
  const [loaded, overlay, stored] = await Promise.all([
    get(`${path}/result`),
    get(`${path}/overlay`).catch(() => null),
    get(`${path}/marks`).catch(() => null),
  ]);
  if (!stillShown(root)) return null;
  let result = loaded;
  let marks = stored; // null: not known, so that nothing may be put over them
  const bands = bandsOf(result);
  const title = movementTitle(result.movement.name, result.movement.variant);
  document.title = `${title} · ${words.app}`;

  const lead = el("div", {});
  const said = el("div", {});
  const questions = el("div", {});
  const felt = el("div", {});
  const player = overlay ? playerPart(status, overlay, bands) : null;
  const look = {
    id: status.id,
    overlay,
    bands,
    player,
    questions,
    marks: () => marks,
    /** Change what is stored, as it is now: another page may have added to it. */
    async keep(change) {
      const now = change(await get(`${path}/marks`));
      await call("PUT", `${path}/marks`, { body: now });
      marks = now;
      drawFelt();
    },
    async remeasured() {
      result = await get(`${path}/result`);
      status = await get(path);
      drawWords();
    },
    show(time) {
      player?.go(time);
    },
  };
  const drawFelt = () => {
    put(felt, feltPart(look));
    player?.scene.draw();
  };
  const drawWords = () => {
    put(lead, leadLine(result));
    put(said, findingsPart(result, look));
    put(questions, screenPart(result, look));
  };
  if (player && marks)
    player.bar.append(
      (look.markButton = el("button", { type: "button", class: "round wide-label", text: words.marks.button })),
    );
  drawWords();
  drawFelt();
  put(
    root,
    el(
      "div",
      { class: "result" },
      el("div", { class: "result-head" }, heading(title), lead),
      el(
        "div",
        { class: "result-picture" },
        player ? player.node : problemBox({ name: "Told", message: words.result.noLines }),
      ),
      el(
        "div",
        { class: "result-text" },
        questions,
        said,
        eventsPart(result, bands, look),
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
