/** The clips of a session: their status on the service, the next step, and what is sent with a clip. */

import { getIfPresent } from "../core/api_client.js";
import { messages } from "../text/messages.js";
import { parseLoadKg } from "../text/number_parsing.js";
import { getPlan } from "./session_plans.js";
import { detachDroppedUploads, findSession, isStepOpen, updateStep } from "./session_store.js";

/**
 * Load a session and the status of each of its analyses, by id. The step of a clip that was deleted on the service
 * becomes open again.
 */
export async function loadSessionClips(session) {
  const statuses = new Map();
  await Promise.all(
    detachDroppedUploads(session).steps.map(async ({ analysis }, index) => {
      if (analysis === null) return;
      const status = await getIfPresent(`analyses/${encodeURIComponent(analysis)}`);
      if (status) statuses.set(analysis, status);
      else updateStep(session.id, index, { analysis: null });
    }),
  );
  return { session: findSession(session.id), statuses };
}

/** Find the index of the next step to do; -1 if all are done. */
export const findNextStep = (session, statuses) =>
  session.steps.findIndex((step) => isStepOpen(step, statuses.get(step.analysis)));

/** Get the load of a step as typed; in a practice plan, that of the step before if nothing was typed. */
export function getLoadInput({ plan, steps }, index) {
  const first = getPlan({ plan }).kind === "practice" ? 0 : index;
  const typed = steps.slice(first, index + 1).filter(({ load }) => load !== null);
  return typed.at(-1)?.load ?? "";
}

/** Build the fields of POST /v1/analyses for the clip of a step; the cue goes into the note. Throws ApiError. */
export function buildClipOptions(session, index) {
  const { movement, title, hasLoad } = getPlan(session).steps[index];
  const load_kg = hasLoad ? parseLoadKg(getLoadInput(session, index)) : null;
  return {
    client: session.client,
    movement,
    note: messages.session.clipNote(title, session.steps[index].cue.trim()),
    ...(load_kg === null ? {} : { load_kg }),
  };
}
