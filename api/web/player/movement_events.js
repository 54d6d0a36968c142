/** Reps, holds and stages of a result as one list of named time spans. */

import { getMovement, getStageTitle } from "../core/movement_list.js";
import { messages } from "../text/messages.js";

/**
 * @typedef {object} MovementEvent
 * @property {"rep"|"hold"|"stage"} kind
 * @property {number} index from 1, within its kind
 * @property {string} title
 * @property {string} short title for narrow places
 * @property {number} start_s
 * @property {number} end_s
 * @property {number} at_s the moment to show: the turn of a rep, the start of a hold, the middle of a stage
 * @property {Record<string, unknown>} mark how a symptom report refers to it
 * @property {any} source the rep, hold or stage of the result
 */

/**
 * List the reps, holds and stages of a result in order of time.
 * @returns {MovementEvent[]}
 */
export function listEvents({ movement, reps = [], holds = [], stages = [] }) {
  const info = getMovement(movement.name);
  const create = (kind, index, title, source, at_s, mark) => ({
    kind,
    index,
    title,
    short: String(index),
    start_s: source.start_s,
    end_s: source.end_s,
    at_s,
    mark,
    source,
  });
  return [
    ...reps.map((rep) =>
      create("rep", rep.index, messages.result.rep(rep.index), rep, rep.bottom_s, { rep: rep.index }),
    ),
    ...holds.map((hold) =>
      create("hold", hold.index, messages.result.hold(hold.index), hold, hold.start_s, { hold: hold.index }),
    ),
    ...stages.map((stage, i) => {
      const mark = { stage: stage.name, ...(stage.side ? { side: stage.side } : {}) };
      return create("stage", i + 1, getStageTitle(stage, info), stage, (stage.start_s + stage.end_s) / 2, mark);
    }),
  ].sort((a, b) => a.start_s - b.start_s);
}

/** Find the event at a time; null if there is none. */
export const findEventAt = (events, time) =>
  events.find(({ start_s, end_s }) => time >= start_s && time <= end_s) ?? null;
