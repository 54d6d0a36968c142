/** Symptom reports of a clip: marked on the video at a moment and a place of the body, listed, and removed. */

import { openSheet } from "../../core/dialogs.js";
import { announce, choices, el, field, focusFirst, showToast } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { getMovement, getStageTitle } from "../../core/movement_list.js";
import { formatSeconds, getVocabulary } from "../../core/vocabulary.js";
import { roundToMs } from "../../marks/stage_corrections.js";
import {
  addReport,
  createReport,
  findBodyPlace,
  getReportTime,
  placeReports,
  removeReport,
} from "../../marks/symptom_marks.js";
import { findEventAt } from "../../player/movement_events.js";
import { messages } from "../../text/messages.js";
import { capitalize } from "../../text/words.js";
import { button, runAction } from "../page_parts.js";
import { awaitRemeasurement, getRemeasureNote } from "./remeasure_status.js";

/**
 * Build the card with all reports. Also draws them on the video, and binds the button that adds one.
 * @param {import("./result_page.js").ResultContext} context
 */
export function buildSymptomReports(context) {
  const reports = context.getMarks()?.reports ?? [];
  const { clipPlayer } = context;
  if (clipPlayer && !context.isMarkingBound) bindMarking(context);
  if (clipPlayer)
    clipPlayer.scene.getReports = () =>
      placeReports(context.overlay, clipPlayer.player.index, context.getMarks()?.reports ?? [], context.events);
  const list = reports.length
    ? el(
        "ul",
        { class: "plain-list" },
        reports.map((report) => buildReportRow(context, report)),
      )
    : el("p", { class: "quiet", text: context.getMarks() ? messages.marks.none : messages.marks.unknown });
  return el(
    "section",
    { class: "card", "aria-labelledby": "marks-title" },
    el("h2", { id: "marks-title", text: messages.marks.title }),
    getRemeasureNote(context, "marks"),
    list,
  );
}

function buildReportRow(context, report) {
  const time = getReportTime(report, context.events);
  const { sites, sensations } = getVocabulary().symptoms;
  const line = messages.marks.line(
    report.level,
    sites[report.where] ?? report.where,
    sensations[report.word] ?? report.word,
  );
  const removeStored = async () => {
    await context.updateMarks((marks) => removeReport(marks, report));
    showToast(messages.marks.removed);
    awaitRemeasurement(context);
  };
  const removeButton = el(
    "button",
    {
      type: "button",
      class: "plain round",
      "aria-label": `${messages.common.remove}: ${line}`,
      on: { click: () => runAction(removeButton, removeStored) },
    },
    icon("bin"),
  );
  return el(
    "li",
    { class: "event" },
    el(
      "button",
      {
        type: "button",
        class: "line-link",
        disabled: time === null || !context.clipPlayer,
        on: { click: () => context.seekTo(time) },
      },
      el("span", { text: line }),
      el("span", { class: "quiet", text: formatMoment(context, report, time) }),
    ),
    removeButton,
  );
}

function formatMoment(context, report, time) {
  if (report.rep) return messages.result.rep(report.rep);
  if (report.hold) return messages.result.hold(report.hold);
  if (report.stage) return getStageTitle({ name: report.stage }, getMovement(context.movement));
  return messages.marks.at(formatSeconds(time), findEventAt(context.events, time)?.title);
}

/** Bind the "Felt here" button and taps on the video: while marking, a tap chooses the place; else it plays. */
function bindMarking(context) {
  context.isMarkingBound = true;
  const { scene, player, picture } = context.clipPlayer;
  const { markButton } = context;
  if (!markButton) return scene.canvas.addEventListener("click", () => player.toggle());
  let isMarking = false;
  const endMarking = () => {
    isMarking = false;
    hint.hidden = true;
    picture.classList.remove("marking");
  };
  const hintButton = (text, action) =>
    button(
      text,
      (event) => {
        event.stopPropagation();
        endMarking();
        action();
      },
      "small",
    );
  const hint = el(
    "div",
    { class: "tap-hint", hidden: true },
    el("span", { text: messages.marks.tap }),
    hintButton(messages.marks.list, () => addReportAt(context, null)),
    hintButton(messages.common.cancel, () => markButton.focus()),
  );
  picture.after(hint);
  markButton.addEventListener("click", () => {
    player.pause();
    isMarking = true;
    hint.hidden = false;
    picture.classList.add("marking");
    picture.scrollIntoView({ block: "nearest" });
    announce(messages.marks.tap);
    focusFirst(hint, "button", { preventScroll: true });
  });
  scene.canvas.addEventListener("click", (event) => {
    if (!isMarking) return player.toggle();
    endMarking();
    const box = scene.canvas.getBoundingClientRect();
    /** @type {import("../../player/overlay_drawing.js").Point} */
    const tap = [
      ((event.clientX - box.left) / box.width) * context.overlay.width_px,
      ((event.clientY - box.top) / box.height) * context.overlay.height_px,
    ];
    return addReportAt(context, findBodyPlace(context.overlay, player.index, tap));
  });
  return undefined;
}

/**
 * Ask what was felt at the current frame, and store it.
 * @param {import("./result_page.js").ResultContext} context
 * @param {string|null} place chosen already
 */
async function addReportAt(context, place) {
  const time = context.overlay.times_s[context.clipPlayer.player.index];
  const isSaved = await openSheet(messages.marks.title, (close) => buildReportForm(context, time, place, close));
  context.markButton?.focus({ preventScroll: true });
  if (!isSaved) return;
  showToast(messages.marks.saved);
  awaitRemeasurement(context);
}

function buildReportForm(context, time, place, close) {
  /** @returns {[value: string, label: string][]} */
  const toOptions = (titles) => Object.entries(titles).map(([key, title]) => [key, capitalize(title)]);
  const { sites, sensations, releases } = getVocabulary().symptoms;
  /** @type {[value: number, label: string][]} */
  const levels = Array.from({ length: 11 }, (_, n) => [n, String(n)]);
  const level = choices(messages.marks.level, "level", levels, null, "levels");
  const where = choices(messages.marks.where, "where", toOptions(sites), place);
  const sensation = choices(messages.marks.what, "word", toOptions(sensations));
  const ownWords = el("input", { type: "text", maxlength: "200", autocomplete: "off" });
  const familiar = choices(messages.marks.familiar, "familiar", [
    ["true", messages.marks.familiarYes],
    ["false", messages.marks.familiarNo],
  ]);
  const release = choices(messages.marks.release, "release", toOptions(releases));
  const problem = el("p", { class: "problem", role: "alert", hidden: true, text: messages.marks.needLevel });
  const saveButton = button(
    messages.common.save,
    () => {
      problem.hidden = level.getChoice() !== null;
      if (level.getChoice() === null) return focusFirst(level, "input");
      const report = createReport({
        moment: { at_s: roundToMs(time) },
        level: Number(level.getChoice()),
        where: where.getChoice(),
        word: ownWords.value.trim() || sensation.getChoice(),
        familiar: familiar.getChoice() === null ? null : familiar.getChoice() === "true",
        on_release: release.getChoice(),
      });
      return runAction(saveButton, async () => {
        await context.updateMarks((marks) => addReport(marks, report));
        close(true);
      });
    },
    "primary wide",
  );
  return [
    el("p", {
      class: "quiet",
      text: messages.marks.at(formatSeconds(time, 2), findEventAt(context.events, time)?.title),
    }),
    level,
    el("p", { class: "quiet", text: messages.marks.levelHint }),
    where,
    sensation,
    field(messages.marks.own, ownWords),
    familiar,
    release,
    problem,
    el("div", { class: "sheet-actions" }, saveButton),
  ];
}
