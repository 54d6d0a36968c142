/**
 * Sessions: which clips of a client belong together, step by step, stored in localStorage of this phone.
 *
 * Clips and results are on the service. Stored here, by owner, are the plan, its start, the analysis of each step, the
 * cues and the coach's notes. If the store is lost, the grouping and the notes are lost, but no clip.
 * A client has at most one open session, and a few finished ones whose cards can be opened again.
 *
 * @typedef {object} Step
 * @property {string} [name] of the step in the plan; older versions stored none
 * @property {string|null} sending id of the pending upload
 * @property {string|null} analysis id of the analysis
 * @property {boolean} skipped
 * @property {boolean} redo to be done once more; the clip that is there counts until then
 * @property {boolean} noted whether the note is finished
 * @property {string} cue
 * @property {string|null} load in kg as typed; null: nothing was typed
 * @property {string} note
 *
 * @typedef {object} Session
 * @property {string} id
 * @property {string} owner
 * @property {string} client
 * @property {string} plan
 * @property {number} started in ms, as Date.now() gives it
 * @property {number|null} finished
 * @property {Step[]} steps in the order of the plan
 */

import { createId, findPendingUpload } from "../upload/pending_uploads.js";
import { findPlan } from "./session_plans.js";

const STORAGE_KEY = "analyzer.sessions";
const MAX_FINISHED = 5; // per client; chosen
const EMPTY_STEP = {
  sending: null,
  analysis: null,
  skipped: false,
  redo: false,
  noted: false,
  cue: "",
  load: null,
  note: "",
};

/** Find the open session of a client; null if there is none. */
export const findOpenSession = (owner, client) =>
  listClientSessions(owner, client).find(({ finished }) => finished === null) ?? null;

/** List the finished sessions of a client, newest first. */
export const listFinishedSessions = (owner, client) =>
  listClientSessions(owner, client)
    .filter(({ finished }) => finished !== null)
    .sort((a, b) => b.finished - a.finished);

/** Find a session by its id; null if there is none. */
export const findSession = (id) => readSessions().find((session) => session.id === id) ?? null;
/** List all sessions of an owner. */
export const listSessions = (owner) => readSessions().filter((session) => session.owner === owner);

/** Find the open session with a clip, given by the id of its upload or analysis; null if there is none. */
export const findSessionWithClip = (id) =>
  readSessions().find(
    ({ finished, steps }) => finished === null && steps.some((step) => step.sending === id || step.analysis === id),
  ) ?? null;

/** Start a session. It replaces an open one whose plan has changed in the meantime. */
export function startSession(owner, client, plan) {
  const session = {
    id: createId(),
    owner,
    client,
    plan: plan.name,
    started: Date.now(),
    finished: null,
    steps: plan.steps.map(({ name }) => ({ name, ...EMPTY_STEP })),
  };
  const isReplaced = (stored) => stored.owner === owner && stored.client === client && stored.finished === null;
  writeSessions([...readSessions().filter((stored) => !isReplaced(stored)), session]);
  return session;
}

/** Change the stored session, which an upload may have changed in the meantime. Returns it; null if it is gone. */
export function updateSession(id, fields) {
  const sessions = readSessions();
  const session = sessions.find((stored) => stored.id === id);
  if (!session) return null;
  Object.assign(session, fields);
  writeSessions(sessions);
  return session;
}

/** Change one step of the stored session. Returns the session; null if it is gone. */
export function updateStep(id, index, fields) {
  const session = findSession(id);
  if (!session) return null;
  return updateSession(id, { steps: session.steps.map((step, i) => (i === index ? { ...step, ...fields } : step)) });
}

/** Attach a pending upload to a step; a clip that is there counts until the upload is complete. */
export const attachUpload = ({ session, index }, uploadId) =>
  updateStep(session, index, { sending: uploadId, skipped: false, redo: false });

/** Replace a completed upload by its analysis, in whichever session it is. */
export function attachAnalysis(uploadId, analysisId) {
  for (const { id, steps } of readSessions()) {
    const index = steps.findIndex((step) => step.sending === uploadId);
    if (index >= 0) updateStep(id, index, { sending: null, analysis: analysisId });
  }
}

/** Finish a session, and delete the oldest finished ones of the client. */
export function finishSession(id) {
  const session = updateSession(id, { finished: Date.now() });
  if (!session) return;
  const surplus = listFinishedSessions(session.owner, session.client).slice(MAX_FINISHED);
  deleteSessions((stored) => surplus.some((other) => other.id === stored.id));
}

/** Delete the sessions that `matches` selects. */
export function deleteSessions(matches) {
  writeSessions(readSessions().filter((session) => !matches(session)));
}

/** Tell whether a step is still to do; `status` is that of its analysis, null if there is none. */
export function isStepOpen(step, status) {
  if (step.redo) return true;
  if (step.skipped || step.noted || step.sending) return false;
  return step.analysis === null || status?.status === "failed" || status?.status === "cancelled";
}

/** Detach uploads that were dropped. Returns the session as it is then. */
export function detachDroppedUploads(session) {
  session.steps.forEach(({ sending }, index) => {
    if (sending && !findPendingUpload(sending)) updateStep(session.id, index, { sending: null });
  });
  return findSession(session.id);
}

/** List the sessions of a client. Await `loadMovements` first, which the plans are made from. */
function listClientSessions(owner, client) {
  return readSessions().filter(
    (session) => session.owner === owner && session.client === client && hasCurrentPlan(session),
  );
}

/** Tell whether the plan has the steps that it had when the session began: another version may have changed it. */
export function hasCurrentPlan({ plan, steps }) {
  const current = findPlan(plan)?.steps ?? [];
  return current.length === steps.length && steps.every(({ name }, i) => !name || name === current[i].name);
}

let unstored = null; // the sessions where the browser stores nothing, as in private browsing, until the tab is closed

function readSessions() {
  if (unstored) return structuredClone(unstored);
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
  } catch {
    return [];
  }
}

function writeSessions(sessions) {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(sessions));
    unstored = null;
  } catch {
    unstored = sessions;
  }
}
