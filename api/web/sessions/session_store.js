/**
 * Sessions of a client, as the service has them, with the changes that it does not have yet.
 *
 * Sessions that were loaded stay in memory, so that an open page works on while the service cannot be reached.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {string} title
 * @property {string} instructions
 * @property {string|null} movement null: not filmed, the coach writes down what they saw
 * @property {boolean} has_cue
 * @property {boolean} can_be_loaded
 * @property {string|null} analysis id of the analysis of its clip
 * @property {string} cue
 * @property {number|null} load_kg
 * @property {string} note
 * @property {boolean} skipped
 * @property {boolean} noted whether the note is finished
 * @property {boolean} redo to be done once more; the clip that is there counts until then
 *
 * @typedef {object} Session as GET /v1/sessions/{id} has it
 * @property {string} id
 * @property {string} client
 * @property {string} plan
 * @property {string} title
 * @property {"practice"|"overview"} kind
 * @property {number} minutes about how long the plan takes
 * @property {string} started_at
 * @property {string|null} finished_at
 * @property {Step[]} steps
 */

import { get, getErrorStatus, post, remove } from "../core/api_client.js";
import { getOwnerKey } from "../core/current_user.js";
import { createId, listPendingUploads } from "../upload/pending_uploads.js";
import { applyUnsentChange, discardChanges, queueChange, sendChanges, sessionEvents } from "./session_changes.js";
import { importStoredSessions } from "./session_import.js";

const SHOWN_SESSIONS = 20; // of a client; chosen
/** @type {Map<string, Session>} by id, as the service had them */
const known = new Map();
/** @type {Set<string>} clients whose sessions were loaded */
const loadedClients = new Set();
sessionEvents.addEventListener("gone", (event) => known.delete(/** @type {CustomEvent<string>} */ (event).detail));
sessionEvents.addEventListener("sent", (event) => {
  const { detail } = /** @type {CustomEvent<Session>} */ (event);
  known.set(detail.id, detail);
});

/** Send what is only on this phone: sessions of earlier versions of this page, and changes made without a network. */
export async function syncSessions() {
  await importStoredSessions(getOwnerKey());
  await sendChanges(getOwnerKey());
}

/** Forget the sessions in memory, after signing out. */
export function forgetSessions() {
  known.clear();
  loadedClients.clear();
}

/** Load the plans that a session can have. Throws ApiError. */
export const loadPlans = async () => (await get("session-plans")).items;

/** Load the latest sessions of a client, newest first; from memory while the service is not reached. Throws ApiError. */
export async function loadSessions(client) {
  await syncSessions();
  try {
    const { items } = await get(`sessions?client=${encodeURIComponent(client)}&limit=${SHOWN_SESSIONS}`);
    for (const { id } of listKnown(client)) known.delete(id);
    for (const session of items) known.set(session.id, session);
    loadedClients.add(client);
  } catch (error) {
    if (getErrorStatus(error) !== 0 || !loadedClients.has(client)) throw error;
  }
  return listKnown(client);
}

/** Load the open session of a client, from memory if it is there; null if there is none. Throws ApiError. */
export async function loadOpenSession(client) {
  if (!loadedClients.has(client)) await loadSessions(client);
  return findOpen(listKnown(client));
}

/** Find the open session among sessions, newest first; null if there is none. */
export const findOpen = (sessions) => sessions.find(({ finished_at }) => finished_at === null) ?? null;

/** Get a session that was loaded, with its unsent changes; null if it was not, or is gone. */
export function getSession(id) {
  const session = known.get(id);
  return session ? applyUnsentChange(session) : null;
}

/** Start a session with a client. Throws ApiError. */
export async function startSession(client, plan) {
  const headers = { "Idempotency-Key": createId() };
  const session = await post("sessions", { client, plan: plan.name }, { headers });
  known.set(session.id, session);
  return session;
}

/**
 * Change fields of a step. The change is stored on this phone at once and sent to the service.
 * @param {string} id of the session
 * @param {string} name of the step
 * @param {Partial<Step>} fields
 * @param {{typing?: boolean}} [options] typing: further letters may follow
 */
export function changeStep(id, name, fields, options) {
  queueChange(getOwnerKey(), id, { steps: { [name]: fields } }, options);
  return getSession(id);
}

/** Finish a session, or reopen it. */
export function setFinished(id, isFinished) {
  queueChange(getOwnerKey(), id, { finished_at: isFinished ? new Date().toISOString() : null });
  return sendChanges(getOwnerKey());
}

/** Delete a session; its clips stay. Throws ApiError. */
export async function deleteSession(id) {
  await remove(`sessions/${encodeURIComponent(id)}`);
  discardChanges(({ session }) => session === id);
  known.delete(id);
}

/** Get the id of the pending upload for a step; null if there is none. */
export const findStepUpload = (id, name) =>
  listPendingUploads(getOwnerKey()).find(({ step }) => step?.session === id && step.name === name)?.id ?? null;

/**
 * Get the path of the session that a clip was filmed for, while that is open; null for a clip without one.
 * @param {{session: string, client: string}|null|undefined} step
 */
export function getSessionPath(step) {
  const isOver = step && getSession(step.session)?.finished_at;
  return step && !isOver ? `session/${step.client}` : null;
}

function listKnown(client) {
  return [...known.values()]
    .filter((session) => session.client === client)
    .map(applyUnsentChange)
    .sort((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at));
}
