/** The reps, holds or stages of a result as a list, from which each can be shown, played and, if a stage, corrected. */

import { el } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { getMovement } from "../../core/movement_list.js";
import { formatSeconds } from "../../core/vocabulary.js";
import { messages } from "../../text/messages.js";
import { getRemeasureNote } from "./remeasure_status.js";
import { createStageEditor } from "./stage_editor.js";

/**
 * Build the card; null if there are no events and none can be added.
 * @param {any} result
 * @param {import("./result_page.js").ResultContext} context
 * @param {ReturnType<typeof createStageEditor>|null} editor null where stages cannot be corrected
 */
export function buildEvents(result, context, editor) {
  const { events } = context;
  if (!events.length && !editor) return null;
  const titles = { rep: messages.result.reps, hold: messages.result.holds, stage: messages.result.stages };
  return el(
    "section",
    { class: "card", "aria-labelledby": "events-title" },
    el("h2", { id: "events-title", tabindex: "-1", text: titles[events[0]?.kind ?? "stage"] }),
    getRemeasureNote(context, "events"),
    el(
      "ul",
      { class: "plain-list" },
      events.map((event) => buildEventRow(event, getPhases(result), context, editor)),
    ),
    editor?.buildFooter(),
  );
}

/** Get the words for the parts of a rep; null of a movement that the service does not know. */
const getPhases = (result) => getMovement(result.movement.name)?.phases ?? null;

function buildEventRow(event, phases, context, editor) {
  const play = () => {
    context.seekTo(event.start_s);
    context.clipPlayer.player.playRange(event.start_s, event.end_s);
  };
  return el(
    "li",
    { class: "event" },
    el(
      "button",
      {
        type: "button",
        class: "line-link",
        disabled: !context.clipPlayer,
        on: { click: () => context.seekTo(event.at_s) },
      },
      el("span", { text: event.title }),
      el("span", { class: "quiet", text: formatFacts(event, phases) }),
    ),
    context.clipPlayer &&
      el(
        "button",
        {
          type: "button",
          class: "plain round",
          "aria-label": messages.result.watch(event.title),
          on: { click: play },
        },
        icon("play"),
      ),
    editor?.buildEditButton(event),
  );
}

function formatFacts({ kind, at_s, source }, phases) {
  if (kind === "rep") {
    const phases_s = [source.descent_s, source.pause_s, source.ascent_s];
    return [
      [phases?.turn, formatSeconds(at_s)].filter(Boolean).join(" "),
      phases && phases_s.every(Number.isFinite)
        ? messages.result.tempo(...phases_s.map((time) => formatSeconds(time)), phases)
        : null,
      source.complete === false ? messages.result.partial : null,
    ]
      .filter(Boolean)
      .join(" · ");
  }
  const span = messages.result.lasts(formatSeconds(source.start_s), formatSeconds(source.end_s - source.start_s));
  return source.isCorrected ? `${span} · ${messages.stageEditor.corrected}` : span;
}
