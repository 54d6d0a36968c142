/** The result of a clip: key measures, the video with its lines and chart, what they can do, one thing to try, and all details. */

import { ApiError, get, updateResource } from "../../core/api_client.js";
import { el, focusFirst, setChildren } from "../../core/dom.js";
import { getMovement, getMovementTitle } from "../../core/movement_list.js";
import { isShown } from "../../core/router.js";
import { mergeCorrections } from "../../marks/stage_corrections.js";
import { getCorrectedStages } from "../../marks/symptom_marks.js";
import { createAngleChart } from "../../player/angle_chart.js";
import { bindPlayerKeys, buildLineToggles, buildTransport, createClipScene } from "../../player/clip_player.js";
import { listEvents } from "../../player/movement_events.js";
import { hasBackLine } from "../../player/overlay_drawing.js";
import { messages } from "../../text/messages.js";
import { problemBox } from "../page_parts.js";
import { buildBaselineForm } from "./baseline_form.js";
import { addChangesSince } from "./changes_since.js";
import { buildFindings, buildLeadLine } from "./findings.js";
import { buildKeyMeasures } from "./key_measures.js";
import { buildActions, buildClipFacts, buildFiles, buildRepeatLink } from "./result_actions.js";
import { buildEvents } from "./result_events.js";
import { createResultHeader } from "./result_header.js";
import { buildMeasures } from "./result_measures.js";
import { buildScreeningForm } from "./screening_form.js";
import { createStageEditor } from "./stage_editor.js";
import { buildSymptomReports } from "./symptom_reports.js";

/**
 * What the parts of the result page share.
 * @typedef {object} ResultContext
 * @property {string} id of the analysis
 * @property {string} movement
 * @property {any} overlay overlay.json; null if it could not be loaded
 * @property {import("../../player/movement_events.js").MovementEvent[]} events
 * @property {any} clipPlayer of `createClipPlayer`; null without an overlay
 * @property {() => any} getMarks the marks; null if they could not be loaded, so that nothing may be stored over them
 * @property {(change: (marks: any) => any) => Promise<void>} updateMarks changes the marks as they are stored now
 * @property {(marks?: any) => import("../../marks/stage_corrections.js").EditableStage[]} getStages the stages with
 *   the corrections of the marks
 * @property {() => Promise<void>} reloadResult
 * @property {() => void} redrawEvents
 * @property {(time: number) => void} seekTo pauses, and scrolls the video into view
 * @property {HTMLElement} [markButton] the "Felt here" button; without it nothing can be marked
 * @property {boolean} [isMarkingBound]
 * @property {{card: string, note: HTMLElement}|null} [remeasurement] under way
 * @property {() => void} [stopWatching] stops waiting for it
 */

/**
 * Render the result of an analysis that is done. Await `loadMovements` and `loadVocabulary` first. Returns the function
 * to call on leaving.
 */
export async function renderResult(root, doneStatus) {
  let status = doneStatus;
  const path = `analyses/${encodeURIComponent(status.id)}`;
  const loadBest = () => get(`${path}/best-events`).catch(() => null);
  const [firstResult, firstBest, overlay, storedMarks, client] = await Promise.all([
    get(`${path}/result`),
    loadBest(),
    get(`${path}/overlay`).catch(() => null),
    get(`${path}/marks`).catch(() => null),
    status.client ? get(`clients/${encodeURIComponent(status.client)}`).catch(() => null) : null,
  ]);
  if (!isShown(root)) return null;
  let [result, best] = [firstResult, firstBest];
  let marks = storedMarks;
  const { name, variant } = result.movement;
  const title = name === "unknown" ? messages.movementMenu.question : getMovementTitle(name, variant);
  document.title = `${title} · ${messages.app}`;

  const parts = {
    lead: el("div", {}),
    screening: el("div", {}),
    keyMeasures: el("div", {}),
    findings: el("div", {}),
    events: el("div", {}),
    stagePanel: el("div", {}),
    reports: el("div", {}),
  };
  const getStages = (fromMarks = marks) => mergeCorrections(result.stages ?? [], getCorrectedStages(fromMarks, name));
  const getEvents = () => listEvents({ ...result, stages: getStages() });
  const clipPlayer = overlay ? createClipPlayer(status, overlay, getEvents()) : null;
  /** @type {ResultContext} */
  const context = {
    id: status.id,
    movement: name,
    overlay,
    events: getEvents(),
    clipPlayer,
    getMarks: () => marks,
    async updateMarks(change) {
      marks = await updateResource(`${path}/marks`, change);
      drawReports();
    },
    getStages,
    async reloadResult() {
      [result, best, status] = await Promise.all([get(`${path}/result`), loadBest(), get(path)]);
      drawFindings();
      drawKeyMeasures();
      drawEvents();
      drawReports();
      addChangesSince(root, status);
    },
    redrawEvents: () => drawEvents(),
    seekTo: (time) => clipPlayer?.seekTo(time),
  };

  const drawFindings = () => {
    setChildren(parts.lead, buildLeadLine(result));
    setChildren(parts.screening, buildScreeningForm(result, context));
    setChildren(parts.findings, buildFindings(result, context));
  };
  const drawKeyMeasures = () => {
    setChildren(parts.keyMeasures, buildKeyMeasures(result, context));
  };
  const drawReports = () => {
    setChildren(parts.reports, buildSymptomReports(context));
    clipPlayer?.scene.draw();
  };
  /** Focus a button of the events by its `data-key`, or their title if it is gone. */
  const focusEvents = (key, options) => {
    const selector = `[data-key="${key}"]`;
    focusFirst(parts.events, parts.events.querySelector(selector) ? selector : "h2", options);
  };
  const canCorrect = clipPlayer && marks && getMovement(name)?.correctable_stages.length;
  const editor = canCorrect ? createStageEditor(context, parts.stagePanel, focusEvents) : null;
  const drawEvents = () => {
    context.events = getEvents();
    clipPlayer?.chart.setBands(context.events);
    const focused = document.activeElement;
    const focusedKey =
      focused instanceof HTMLElement && parts.events.contains(focused) ? (focused.dataset.key ?? "") : null;
    setChildren(parts.events, buildEvents(result, best, context, editor));
    if (focusedKey !== null) focusEvents(focusedKey, { preventScroll: true });
  };

  if (clipPlayer && marks) {
    context.markButton = el("button", { type: "button", class: "round wide-label", text: messages.marks.button });
    clipPlayer.bar.append(context.markButton);
  }
  const lead = el("div", {}, parts.keyMeasures, parts.lead);
  const header = createResultHeader({ root, status, result, client, lead });
  drawFindings();
  drawKeyMeasures();
  drawEvents();
  drawReports();
  setChildren(
    root,
    el(
      "div",
      { class: "result" },
      header.node,
      el(
        "div",
        { class: "result-picture" },
        clipPlayer?.node ?? problemBox(new ApiError(null, messages.result.noLines)),
      ),
      el(
        "div",
        { class: "result-text" },
        parts.screening,
        parts.findings,
        parts.events,
        parts.stagePanel,
        buildBaselineForm(context),
        parts.reports,
        buildActions(status, result),
        buildRepeatLink(status, result),
        buildFiles(status),
        buildMeasures(result),
        buildClipFacts(status, result),
      ),
    ),
    clipPlayer?.bar,
  );
  addChangesSince(root, status);
  return () => {
    context.stopWatching?.();
    header.close();
    clipPlayer?.close();
  };
}

/** Create the video with its toggles, chart and transport bar, tied to one another. */
function createClipPlayer(status, overlay, events) {
  const scene = createClipScene(status.id, overlay);
  const { player, node: picture } = scene;
  picture.style.setProperty("--ratio", String(overlay.width_px / overlay.height_px));
  bindPlayerKeys(picture, player);
  const chart = createAngleChart(overlay, events, (index) => {
    player.pause();
    player.seekToFrame(index);
  });
  player.addEventListener("frame", () => chart.setCursor(player.index));
  const unplayable = el("p", { class: "quiet", text: messages.result.videoOff, hidden: true });
  player.video.addEventListener("error", () => {
    if (!player.isClosed) unplayable.hidden = false;
  });
  const toggles = buildLineToggles(scene, { back: hasBackLine(overlay), load: Boolean(overlay.load) });
  return {
    scene,
    chart,
    picture,
    player,
    bar: buildTransport(player),
    node: el("div", {}, picture, unplayable, toggles, chart),
    seekTo(time) {
      player.pause();
      player.seekToTime(time);
      picture.scrollIntoView({ block: "nearest", behavior: getScrollBehaviour() });
    },
    /** Chart an angle, the main one for null, and scroll the chart into view. */
    showAngle(angle) {
      chart.showAngle(angle);
      chart.scrollIntoView({ block: "nearest", behavior: getScrollBehaviour() });
    },
    close() {
      chart.close();
      scene.close();
    },
  };
}

/** @returns {ScrollBehavior} */
const getScrollBehaviour = () => (window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");
