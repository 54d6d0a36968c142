/** The clips of a session: their status on the service, the next step, and what is sent with a clip. */

import { getErrorStatus, getIfPresent } from "../core/api_client.js";
import { messages } from "../text/messages.js";
import { parseLoadKg } from "../text/number_parsing.js";
import { changeStep, findStepUpload } from "./session_store.js";

/** @typedef {import("./session_store.js").Session} Session */

/**
 * Load the status of each clip of a session, by the id of its analysis. Clips that were deleted have none, and neither
 * has any while the service is not reached.
 * @param {Session} session
 * @returns {Promise<Map<string, any>>}
 */
export async function loadClipStatuses(session) {
  const statuses = new Map();
  await Promise.all(
    session.steps.map(async ({ analysis }) => {
      if (analysis === null) return;
      try {
        const status = await getIfPresent(`analyses/${encodeURIComponent(analysis)}`);
        if (status) statuses.set(analysis, status);
      } catch (error) {
        if (getErrorStatus(error) !== 0) throw error;
        statuses.set(analysis, { id: analysis, status: "unknown" });
      }
    }),
  );
  return statuses;
}

/**
 * Find the index of the next step to do; -1 if all are done.
 * @param {Session} session
 * @param {Map<string, any>} statuses
 */
export const findNextStep = (session, statuses) =>
  session.steps.findIndex((step) => isStepOpen(session, step, statuses));

/** Tell whether a step is still to do. */
function isStepOpen(session, step, statuses) {
  if (findStepUpload(session.id, step.name)) return false;
  if (step.redo) return true;
  if (step.skipped || step.noted) return false;
  const status = statuses.get(step.analysis)?.status ?? null;
  return status === null || status === "failed" || status === "cancelled";
}

/** @type {Map<string, string>} loads as typed, which may be no numbers, by session and step */
const typedLoads = new Map();
const getLoadKey = ({ id, steps }, index) => `${id} ${steps[index].name}`;

/** Store the load of a step as typed; what is a number is sent. */
export function setTypedLoad(session, index, text) {
  typedLoads.set(getLoadKey(session, index), text);
  try {
    changeStep(session.id, session.steps[index].name, { load_kg: parseLoadKg(text) }, { typing: true });
  } catch {
    // The coach is told when the clip is chosen.
  }
}

/** Get the load of a step as typed; in a practice plan, that of the step before if nothing was typed. */
export function getLoadInput(session, index) {
  const typed = typedLoads.get(getLoadKey(session, index));
  if (typed !== undefined) return typed;
  const first = session.kind === "practice" ? 0 : index;
  const loads = session.steps.slice(first, index + 1).filter(({ load_kg }) => load_kg !== null);
  return loads.length ? String(loads.at(-1)?.load_kg) : "";
}

/** Build the fields of POST /v1/analyses for the clip of a step; the cue goes into the note. Throws ApiError. */
export function buildClipOptions(session, index) {
  const { movement, title, cue, can_be_loaded } = session.steps[index];
  const load_kg = can_be_loaded ? parseLoadKg(getLoadInput(session, index)) : null;
  return {
    client: session.client,
    movement,
    note: messages.session.clipNote(title, cue.trim()),
    ...(load_kg === null ? {} : { load_kg }),
  };
}
