/** The reps, holds or stages of a result as a list, from which each can be shown, played and, if a stage, corrected. */

import { el } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { formatSeconds } from "../../text/formatting.js";
import { messages } from "../../text/messages.js";
import { getTurn } from "../../text/vocabulary.js";
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
      events.map((event) => buildEventRow(event, result.movement.name, context, editor)),
    ),
    editor?.buildFooter(),
  );
}

function buildEventRow(event, movement, context, editor) {
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
      el("span", { class: "quiet", text: formatFacts(event, movement) }),
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

function formatFacts({ kind, at_s, source }, movement) {
  if (kind === "rep") {
    const turn = getTurn(movement);
    const phases_s = [source.descent_s, source.pause_s, source.ascent_s];
    return [
      `${turn.title} ${formatSeconds(at_s)} s`,
      phases_s.every(Number.isFinite)
        ? messages.result.tempo(...phases_s.map((time) => formatSeconds(time)), turn)
        : null,
      source.complete === false ? messages.result.partial : null,
    ]
      .filter(Boolean)
      .join(" · ");
  }
  const span = messages.result.lasts(formatSeconds(source.start_s), formatSeconds(source.end_s - source.start_s));
  return source.isCorrected ? `${span} · ${messages.stageEditor.corrected}` : span;
}
