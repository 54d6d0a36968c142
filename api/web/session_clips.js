/** The clips of a session as the service has them: how far each is, and what it needs to be sent. */

import { get, statusOf } from "./api.js";
import { ended, watch } from "./live.js";
import { planOf } from "./plans.js";
import { changeStep, isOpen, sessionOf, withoutDropped } from "./sessions.js";
import { words } from "./words.js";

/**
 * The session and the status of each of its analyses, by id. A clip that was deleted on the service leaves its step
 * open again.
 */
export async function sessionAndClips(session) {
  const clips = new Map();
  await Promise.all(
    withoutDropped(session).steps.map(async ({ analysis }, index) => {
      if (analysis === null) return;
      const status = await orGone(`analyses/${encodeURIComponent(analysis)}`);
      if (status) clips.set(analysis, status);
      else changeStep(session.id, index, { analysis: null });
    }),
  );
  return { session: sessionOf(session.id), clips };
}

/** What is there; null where it is not any more, or not yet. */
export async function orGone(path) {
  try {
    return await get(path);
  } catch (told) {
    if (![404, 409].includes(statusOf(told) ?? 0)) throw told;
    return null;
  }
}

/**
 * Follow the clips that have not ended, one at a time as the service works them off: a browser holds few connections.
 * `tell(status)` on every change; gives a function that stops it.
 * @param {Map<string, any>} clips
 * @param {(status: any) => void} tell
 */
export function follow(clips, tell) {
  /** @type {(() => void)|null} */
  let stop = null;
  let over = false;
  const on = () => {
    const next = [...clips.values()].find((status) => !ended(status));
    if (over || !next) return;
    stop = watch(next.id, (status) => {
      clips.set(status.id, status);
      tell(status);
      if (ended(status)) on();
    });
  };
  on();
  return () => {
    over = true;
    stop?.();
  };
}

/** The index of the step that comes next, -1 when all are through. */
export const nextOf = (session, clips) => session.steps.findIndex((step) => isOpen(step, clips.get(step.analysis)));

/** The load of a step as typed; of a lift, that of the step before where nothing else was said. */
export function loadText({ plan, steps }, index) {
  const from = planOf({ plan }).kind === "lift" ? 0 : index;
  const said = steps.slice(from, index + 1).filter(({ load }) => load !== null);
  return said.at(-1)?.load ?? "";
}

/** What goes with the clip of a step, as the API names it; the cue goes in the note. Throws what `loadOf` throws. */
export function optionsOf(session, index, loadOf) {
  const { movement, name, load } = planOf(session).steps[index];
  const load_kg = load ? loadOf(loadText(session, index)) : null;
  return {
    client: session.client,
    movement,
    note: words.session.noteOf(words.session.steps[name].title, session.steps[index].cue.trim()),
    ...(load_kg === null ? {} : { load_kg }),
  };
}
