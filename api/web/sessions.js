/**
 * Sessions: which clips of a client belong together, step by step, remembered on this phone in localStorage.
 *
 * Clips and results are on the service. What is kept here, under the owner's key, is the plan, when it began, which
 * analysis is which step's, the cues and what the coach noted. A lost store loses that grouping and those notes, no
 * clip.
 * A client has one session that goes on, and a handful of finished ones whose cards can be opened again.
 *
 * @typedef {object} Step
 * @property {string|null} sending id of the upload on its way, as pending.js knows it
 * @property {string|null} analysis id of the analysis that it has become
 * @property {boolean} skipped
 * @property {boolean} redo to be done once more; what is there counts until then
 * @property {boolean} noted whether the note is finished
 * @property {string} cue
 * @property {string|null} load in kg as typed; null: nothing was said
 * @property {string} note
 *
 * @typedef {object} Session
 * @property {string} id
 * @property {string} owner
 * @property {string} client
 * @property {string} plan
 * @property {number} started in ms, as Date.now() has it
 * @property {number|null} finished
 * @property {Step[]} steps as the plan has them
 */

import { findPending, newId } from "./pending.js";
import { planNamed } from "./plans.js";

const KEY = "analyzer.sessions";
const FINISHED = 5; // of a client, that are kept; chosen
const NEW_STEP = {
  sending: null,
  analysis: null,
  skipped: false,
  redo: false,
  noted: false,
  cue: "",
  load: null,
  note: "",
};

/** The session of a client that goes on, or null. */
export const goingOn = (owner, client) => of(owner, client).find((one) => one.finished === null) ?? null;

/** The finished ones of a client, newest first. */
export const finishedOf = (owner, client) =>
  of(owner, client)
    .filter((one) => one.finished !== null)
    .sort((a, b) => b.finished - a.finished);

export const sessionOf = (id) => load().find((one) => one.id === id) ?? null;
export const sessionsOf = (owner) => load().filter((one) => one.owner === owner);

/** The session that goes on and has this clip: an upload on its way or an analysis. */
export const sessionWith = (clip) =>
  load().find(
    ({ finished, steps }) => finished === null && steps.some((step) => step.sending === clip || step.analysis === clip),
  ) ?? null;

export function begin(owner, client, plan) {
  const session = {
    id: newId(),
    owner,
    client,
    plan: plan.name,
    started: Date.now(),
    finished: null,
    steps: plan.steps.map(() => ({ ...NEW_STEP })),
  };
  save([...load(), session]);
  return session;
}

/** Change what is stored, as it is now: a clip may have arrived meanwhile. Gives the session, null when it is gone. */
export function changeSession(id, fields) {
  const all = load();
  const session = all.find((one) => one.id === id);
  if (!session) return null;
  Object.assign(session, fields);
  save(all);
  return session;
}

export function changeStep(id, index, fields) {
  const session = sessionOf(id);
  if (!session) return null;
  return changeSession(id, { steps: session.steps.map((step, i) => (i === index ? { ...step, ...fields } : step)) });
}

/** A clip for a step is on its way; one that is there already counts until then. */
export const sent = ({ session, index }, sending) =>
  changeStep(session, index, { sending, skipped: false, redo: false });

/** It is all there. */
export function arrived(sending, analysis) {
  for (const { id, steps } of load()) {
    const index = steps.findIndex((step) => step.sending === sending);
    if (index >= 0) changeStep(id, index, { sending: null, analysis });
  }
}

/** End it; of the finished ones of this client only the latest are kept. */
export function finish(id) {
  const session = changeSession(id, { finished: Date.now() });
  if (!session) return;
  const old = finishedOf(session.owner, session.client).slice(FINISHED);
  forgetSessions((one) => old.some((other) => other.id === one.id));
}

export function forgetSessions(which) {
  save(load().filter((one) => !which(one)));
}

/** Whether a step waits to be done; `status` is that of its analysis, null where there is none. */
export function isOpen(step, status) {
  if (step.redo) return true;
  if (step.skipped || step.noted || step.sending) return false;
  return step.analysis === null || status?.status === "failed" || status?.status === "cancelled";
}

/** Uploads that were stopped are no longer on their way. Gives the session as it is then. */
export function withoutDropped(session) {
  session.steps.forEach(({ sending }, index) => {
    if (sending && !findPending(sending)) changeStep(session.id, index, { sending: null });
  });
  return sessionOf(session.id);
}

function of(owner, client) {
  return load().filter((one) => one.owner === owner && one.client === client);
}

let unkept = null; // where the browser keeps nothing, as in private browsing, until the tab closes

function load() {
  if (unkept) return structuredClone(unkept);
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]").filter(fits);
  } catch {
    return [];
  }
}

/** Whether the plan still is as it was when the session began: another version may have changed it. */
const fits = (session) => planNamed(session.plan)?.steps.length === session.steps.length;

function save(list) {
  try {
    localStorage.setItem(KEY, JSON.stringify(list));
    unkept = null;
  } catch {
    unkept = list;
  }
}
