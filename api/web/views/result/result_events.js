/** The reps, holds or stages of a result as a list, from which each can be shown, played and, if a stage, corrected. */

import { el } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { getMovement } from "../../core/movement_list.js";
import { formatSeconds } from "../../core/vocabulary.js";
import { messages } from "../../text/messages.js";
import { buildBadge } from "../trend_lines.js";
import { listEventValues } from "./key_measures.js";
import { getRemeasureNote } from "./remeasure_status.js";
import { createStageEditor } from "./stage_editor.js";

/**
 * Build the card; null if there are no events and none can be added.
 * @param {any} result
 * @param {{kind: string|null, indices: number[], reason: string}|null} best the best reps or holds; null if not known
 * @param {import("./result_page.js").ResultContext} context
 * @param {ReturnType<typeof createStageEditor>|null} editor null where stages cannot be corrected
 */
export function buildEvents(result, best, context, editor) {
  const { events } = context;
  if (!events.length && !editor) return null;
  const isBest = ({ kind, index }) => best !== null && best.kind === kind && best.indices.includes(index);
  const titles = { rep: messages.result.reps, hold: messages.result.holds, stage: messages.result.stages };
  return el(
    "section",
    { class: "card", "aria-labelledby": "events-title" },
    el("h2", { id: "events-title", tabindex: "-1", text: titles[events[0]?.kind ?? "stage"] }),
    getRemeasureNote(context, "events"),
    el(
      "ul",
      { class: "plain-list" },
      events.map((event) => buildEventRow(event, isBest(event), result, context, editor)),
    ),
    best?.reason && el("p", { class: "quiet", text: best.reason }),
    editor?.buildFooter(),
  );
}

/** Get the words for the parts of a rep; null of a movement that the service does not know. */
const getPhases = (result) => getMovement(result.movement.name)?.phases ?? null;

function buildEventRow(event, isBest, result, context, editor) {
  const { text, times } = formatFacts(event, getPhases(result));
  const values = listEventValues(result, event, times);
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
      el("span", { class: "event-title" }, event.title, isBest && [" ", buildBadge(messages.result.best, "better")]),
      " ",
      el("span", { class: "quiet", text }),
      values.length > 0 &&
        el(
          "span",
          { class: "event-values" },
          values.map(({ label, text: value }) => [
            " ",
            el("span", {}, el("span", { class: "quiet", text: label }), " ", el("strong", { text: value })),
          ]),
        ),
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

/** Format tempo or duration, and list the times that the text shows. */
function formatFacts({ kind, source }, phases) {
  if (kind === "rep") {
    const phases_s = [source.descent_s, source.pause_s, source.ascent_s];
    const hasTempo = phases && phases_s.every(Number.isFinite);
    const tempo = hasTempo && messages.result.tempo(...phases_s.map((time) => formatSeconds(time)), phases);
    return {
      text: [tempo, source.complete === false && messages.result.partial].filter(Boolean).join(" · "),
      times: hasTempo ? phases_s : [],
    };
  }
  const duration_s = source.end_s - source.start_s;
  const span = messages.result.lasts(formatSeconds(source.start_s), formatSeconds(duration_s));
  return { text: source.isCorrected ? `${span} · ${messages.stageEditor.corrected}` : span, times: [duration_s] };
}
