/**
 * Changes of sessions that the service does not have yet, stored in localStorage of this phone until they are sent.
 *
 * A change names fields of one session and of its steps; later ones replace earlier ones field by field, here and on
 * the service. What was noted without a network is therefore not lost, and two phones can write in one session.
 *
 * @typedef {Record<string, unknown>} StepFields
 * @typedef {object} SessionChange
 * @property {string} owner
 * @property {string} session id of the session
 * @property {string|null} [finished_at]
 * @property {Record<string, StepFields>} steps fields by the name of the step
 */

import { getErrorStatus, request } from "../core/api_client.js";

const STORAGE_KEY = "analyzer.session_changes";
const TYPING_MS = 700; // after the last letter; chosen
const RETRY_MS = [3000, 10_000, 30_000, 60_000]; // chosen
const NO_ANSWER = [0, 408, 425, 429, 500, 502, 503, 504]; // the change may be accepted later

/**
 * Dispatches "change" when the number of unsent changes may have changed, "sent" with the session as the service has it
 * then, and "gone" with the id of a session that no longer exists, both as `detail`.
 */
export const sessionEvents = new EventTarget();

/** Get the unsent change of a session; null if there is none. */
export const getUnsentChange = (id) => readChanges().find(({ session }) => session === id) ?? null;

/** Tell whether an owner has unsent changes. */
export const hasUnsentChanges = (owner) => readChanges().some((change) => change.owner === owner);

/**
 * Apply the unsent change of a session to it.
 * @template {{id: string, finished_at: string|null, steps: any[]}} Session
 * @param {Session} session as the service has it
 * @returns {Session} a copy
 */
export function applyUnsentChange(session) {
  const change = getUnsentChange(session.id);
  if (!change) return session;
  const finished_at = change.finished_at === undefined ? session.finished_at : change.finished_at;
  return {
    ...session,
    finished_at,
    steps: session.steps.map((step) => ({ ...step, ...(change.steps[step.name] ?? {}) })),
  };
}

/**
 * Store a change and send it soon: at once, or, with `typing`, when no further letter follows.
 * @param {string} owner
 * @param {string} session
 * @param {{finished_at?: string|null, steps?: Record<string, StepFields>}} fields
 * @param {{typing?: boolean}} [options]
 */
export function queueChange(owner, session, { finished_at, steps = {} }, { typing = false } = {}) {
  const changes = readChanges();
  let change = changes.find((stored) => stored.session === session);
  if (!change) {
    change = { owner, session, steps: {} };
    changes.push(change);
  }
  if (finished_at !== undefined) change.finished_at = finished_at;
  for (const [name, fields] of Object.entries(steps)) change.steps[name] = { ...change.steps[name], ...fields };
  writeChanges(changes);
  sendLater(owner, typing ? TYPING_MS : 0);
}

/** Delete the unsent changes that `matches` selects. */
export function discardChanges(matches) {
  writeChanges(readChanges().filter((change) => !matches(change)));
}

let timer = 0;
let failures = 0;
/** @type {Promise<void>|null} */
let sending = null;

/** Send all changes of an owner. Never throws: what cannot be sent now is sent later. */
export async function sendChanges(owner) {
  clearTimeout(timer);
  while (sending) await sending;
  sending = sendAll(owner);
  await sending;
  sending = null;
}

async function sendAll(owner) {
  for (const change of readChanges().filter((stored) => stored.owner === owner)) {
    try {
      await sendChange(change);
      failures = 0;
    } catch (error) {
      if (getErrorStatus(error) === 401) return; // sent after the next sign-in
      sendLater(owner, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
      sessionEvents.dispatchEvent(new Event("change"));
      return;
    }
  }
}

/** Send one change, and delete of it what the service has accepted or refused for good. Throws ApiError. */
async function sendChange(change) {
  const { session, finished_at, steps } = change;
  const body = {
    ...(finished_at === undefined ? {} : { finished_at }),
    steps: Object.entries(steps).map(([name, fields]) => ({ name, ...fields })),
  };
  try {
    const updated = await request("PATCH", `sessions/${encodeURIComponent(session)}`, { body, quiet: true });
    sessionEvents.dispatchEvent(new CustomEvent("sent", { detail: updated }));
  } catch (error) {
    const status = getErrorStatus(error) ?? 0;
    if (NO_ANSWER.includes(status) || status === 401) throw error;
    const clips = withoutClips(change);
    if (clips.hadClips) {
      // A clip that was deleted or moved to another client; the rest of the change is sent without it.
      removeSent(change);
      const rest = Object.entries(clips.steps).some(([, fields]) => Object.keys(fields).length);
      if (rest || finished_at !== undefined) queueChange(change.owner, session, { finished_at, steps: clips.steps });
      return;
    }
    removeSent(change);
    if (status === 404) sessionEvents.dispatchEvent(new CustomEvent("gone", { detail: session }));
    return;
  }
  removeSent(change);
}

/** Return the fields of the steps of a change without clips, and whether there were any. */
function withoutClips({ steps }) {
  let hadClips = false;
  const rest = Object.fromEntries(
    Object.entries(steps).map(([name, { analysis, ...fields }]) => {
      hadClips ||= analysis !== undefined;
      return [name, fields];
    }),
  );
  return { steps: rest, hadClips };
}

/** Delete what was sent from the stored change; what was changed meanwhile stays and is sent next. */
function removeSent(sent) {
  const changes = readChanges();
  const stored = changes.find(({ session }) => session === sent.session);
  if (!stored) return;
  if (stored.finished_at === sent.finished_at) delete stored.finished_at;
  for (const [name, fields] of Object.entries(sent.steps)) {
    for (const [field, value] of Object.entries(fields))
      if (stored.steps[name]?.[field] === value) delete stored.steps[name][field];
    if (stored.steps[name] && !Object.keys(stored.steps[name]).length) delete stored.steps[name];
  }
  const isEmpty = stored.finished_at === undefined && !Object.keys(stored.steps).length;
  writeChanges(isEmpty ? changes.filter((change) => change !== stored) : changes);
  if (!isEmpty) sendLater(sent.owner, 0);
  sessionEvents.dispatchEvent(new Event("change"));
}

function sendLater(owner, wait_ms) {
  clearTimeout(timer);
  timer = setTimeout(() => sendChanges(owner), wait_ms);
}

window.addEventListener("online", () => {
  for (const owner of new Set(readChanges().map((change) => change.owner))) sendLater(owner, 0);
});

/** @type {SessionChange[]|null} where the browser stores nothing, as in private browsing, until the tab is closed */
let unstored = null;

/** @returns {SessionChange[]} */
function readChanges() {
  if (unstored) return structuredClone(unstored);
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
  } catch {
    return [];
  }
}

/** @param {SessionChange[]} changes */
function writeChanges(changes) {
  try {
    if (changes.length) localStorage.setItem(STORAGE_KEY, JSON.stringify(changes));
    else localStorage.removeItem(STORAGE_KEY);
    unstored = null;
  } catch {
    unstored = changes;
  }
}
