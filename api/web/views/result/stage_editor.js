/** Correcting the stages of a test: the buttons in their list, the panel beside the video, saving, undo and reset. */

import { ApiError } from "../../core/api_client.js";
import { announce, el, field, setChildren, showToast } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { getMovement, getStageTitle } from "../../core/movement_list.js";
import { formatSeconds, getSideTitle } from "../../core/vocabulary.js";
import {
  applyCorrection,
  checkCorrection,
  createStageAt,
  findHeir,
  findOrphanedReport,
  findSameStage,
  roundToMs,
  toStoredStages,
} from "../../marks/stage_corrections.js";
import { setCorrectedStages } from "../../marks/symptom_marks.js";
import { findFrame } from "../../player/frame_player.js";
import { messages } from "../../text/messages.js";
import { capitalize } from "../../text/words.js";
import { button, runAction } from "../page_parts.js";
import { awaitRemeasurement } from "./remeasure_status.js";

const LEGS = ["near", "far"];

/**
 * Create the editor. Its panel opens in `place`, which stays while the list of stages is drawn again.
 * @param {import("./result_page.js").ResultContext} context
 * @param {HTMLElement} place
 * @param {(key: string) => void} focusButton focuses the button of the list with this `data-key`
 */
export function createStageEditor(context, place, focusButton) {
  const movement = getMovement(context.movement);
  /** @type {{before: any[], after: any[]}|null} the stored stages before and after the last change on this page */
  let lastChange = null;

  /** Store the stages that `change` makes of those that are stored now. */
  async function store(change) {
    let stored;
    await context.updateMarks((marks) => {
      const before = context.getStages(marks);
      const after = change(before);
      const report = findOrphanedReport(marks.reports ?? [], before, after);
      if (report) throw createRefusal("report", getStageTitle({ name: report.stage }, movement));
      stored = { before: toStoredStages(before), after: toStoredStages(after) };
      return setCorrectedStages(marks, stored.after, context.movement);
    });
    return stored;
  }

  function showStored(change) {
    lastChange = change;
    context.redrawEvents();
    showToast(messages.marks.saved);
    awaitRemeasurement(context, "events");
  }

  /** Change `before` to `after`; null for `before` adds a stage, null for `after` removes one. */
  const correct = async (before, after) =>
    showStored(
      await store((list) => {
        const current = before && findSameStage(list, before);
        if (before && !current) throw createRefusal("changed");
        const reason = checkCorrection(list, current, after, movement?.one_leg_stages);
        if (reason) throw createRefusal(reason, getStageTitle(after ?? before, movement));
        return applyCorrection(list, current, after);
      }),
    );

  const reset = async () => showStored(await store(() => context.getStages({})));

  const undo = async () => {
    await store((list) => {
      if (!lastChange || JSON.stringify(toStoredStages(list)) !== JSON.stringify(lastChange.after))
        throw createRefusal("changed");
      return context.getStages({ stages: lastChange.before });
    });
    showStored(null);
  };

  /**
   * @param {any} stage null for a new one
   * @param {string} key of the button to focus afterwards
   */
  function openPanel(stage, key) {
    const close = () => {
      panel.close();
      setChildren(place);
      focusButton(key);
    };
    const panel = createStagePanel(context, stage, { correct, close });
    setChildren(place, panel.node);
    panel.open();
  }

  const footerButton = (key, text, onClick) =>
    button(text, (event) => onClick(event.currentTarget), "small", { "data-key": key });
  const storeButton = (key, text, action) =>
    footerButton(key, text, (control) =>
      runAction(control, async () => {
        await action();
        focusButton(key);
      }),
    );

  return {
    /** @param {import("../../player/movement_events.js").MovementEvent} event */
    buildEditButton(event) {
      const key = `change-${event.index}`;
      return el(
        "button",
        {
          type: "button",
          class: "plain round",
          "data-key": key,
          "aria-label": messages.stageEditor.change(event.title),
          on: { click: () => openPanel(event.source, key) },
        },
        icon("change"),
      );
    },
    buildFooter: () =>
      el(
        "div",
        { class: "row" },
        footerButton("add", messages.stageEditor.add, () => openPanel(null, "add")),
        lastChange && storeButton("undo", messages.stageEditor.undo, undo),
        context.getStages().some(({ isCorrected }) => isCorrected) &&
          storeButton("reset", messages.stageEditor.reset, reset),
      ),
  };
}

/**
 * Create the error that says why a correction cannot be made.
 * @param {string} reason key of `messages.stageEditor.refusals`
 * @param {string} [title] of the stage
 */
const createRefusal = (reason, title = "") => new ApiError(0, messages.stageEditor.refusals[reason](title));

/**
 * Create the panel for one stage: start and end from where the video stands, name and leg.
 * @param {import("./result_page.js").ResultContext} context
 * @param {any} stage of `context.getStages()`; null for a new one
 * @param {{correct: (before: any, after: any) => Promise<void>, close: () => void}} actions
 */
function createStagePanel(context, stage, { correct, close }) {
  const texts = messages.stageEditor;
  const movement = getMovement(context.movement);
  const { player, picture } = context.clipPlayer;
  const times = context.overlay.times_s;
  const draft = {
    ...(stage ?? createStageAt(context.getStages(), roundToMs(times[player.index]), roundToMs(times.at(-1)))),
  };
  const heir = stage && findHeir(context.getStages(), stage);

  const title = el("h2", {
    id: "stage-title",
    tabindex: "-1",
    text: stage ? getStageTitle(stage, movement) : texts.new,
  });
  const videoTime = el("p", { class: "quiet readout" });
  const updateVideoTime = () => {
    videoTime.textContent = texts.video(formatSeconds(times[player.index], 2));
  };
  const listeners = new AbortController();
  player.addEventListener("frame", updateVideoTime, { signal: listeners.signal });
  updateVideoTime();

  const names = new Set([...(movement?.correctable_stages ?? []), ...(stage ? [stage.name] : [])]);
  const titles = Object.fromEntries(
    [...names].map((stageName) => [stageName, getStageTitle({ name: stageName }, movement)]),
  );
  const name = createSelect({ "": texts.choose, ...titles }, draft.name, (value) => {
    draft.name = value;
  });
  const legTitles = Object.fromEntries(LEGS.map((side) => [side, capitalize(getSideTitle(side))]));
  const leg = createSelect({ "": texts.noLeg, ...legTitles }, draft.side ?? "", (value) => {
    draft.side = value || null;
  });

  /** Build the controls of the start or end: set to where the video stands, or moved by a frame with the video. */
  function buildBound(bound) {
    const value = el("span", { class: "quiet" });
    const showValue = () => {
      value.textContent = texts.bound[bound](formatSeconds(draft[bound], 2));
    };
    const setFrame = (index) => {
      player.pause();
      draft[bound] = roundToMs(times[index]);
      showValue();
      announce(value.textContent);
    };
    const move = (frames) => {
      const index = Math.min(times.length - 1, Math.max(0, findFrame(times, draft[bound]) + frames));
      setFrame(index);
      player.seekToFrame(index);
    };
    const moveButton = (frames, label, iconName) =>
      el(
        "button",
        { type: "button", class: "round", "aria-label": label, on: { click: () => move(frames) } },
        icon(iconName),
      );
    showValue();
    return el(
      "div",
      { class: "bound" },
      moveButton(-1, texts.earlier[bound], "stepBack"),
      el(
        "button",
        { type: "button", class: "button", on: { click: () => setFrame(player.index) } },
        el("span", { text: texts.setHere[bound] }),
        value,
      ),
      moveButton(1, texts.later[bound], "stepForward"),
    );
  }

  const correctButton = (text, className, getStage) => {
    const control = button(
      text,
      () =>
        runAction(control, async () => {
          await correct(stage, getStage());
          close();
        }),
      className,
    );
    return control;
  };
  const node = el(
    "section",
    {
      class: "stage-panel",
      "aria-labelledby": "stage-title",
      on: { keydown: (event) => event.key === "Escape" && close() },
    },
    el(
      "div",
      { class: "stage-panel-head" },
      title,
      videoTime,
      el(
        "button",
        { type: "button", class: "plain round", "aria-label": messages.common.close, on: { click: close } },
        icon("close"),
      ),
    ),
    buildBound("start_s"),
    buildBound("end_s"),
    el(
      "div",
      { class: "name-and-leg" },
      field(texts.name, name),
      movement?.one_leg_stages.length ? field(texts.leg, leg) : null,
    ),
    el(
      "div",
      { class: "row" },
      stage && (heir || stage.isCorrected) && correctButton(messages.common.remove, "careful-text", () => null),
      correctButton(messages.common.save, "primary", () => ({ ...draft })),
    ),
    heir && el("p", { class: "quiet", text: texts.timeGoesTo(getStageTitle(heir, movement)) }),
  );
  return {
    node,
    open() {
      picture.scrollIntoView({ block: "nearest" });
      node.scrollIntoView({ block: "nearest" });
      title.focus({ preventScroll: true });
    },
    close: () => listeners.abort(),
  };
}

/**
 * @param {Record<string, string>} titles by value
 * @param {string} value
 * @param {(value: string) => void} onChange
 */
function createSelect(titles, value, onChange) {
  const select = el(
    "select",
    { on: { change: () => onChange(select.value) } },
    Object.entries(titles).map(([key, title]) => el("option", { value: key, text: title })),
  );
  select.value = value;
  return select;
}
