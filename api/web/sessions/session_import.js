/** Sessions that earlier versions of this page stored in the browser: sent to the service once, and deleted here. */

import { get, getErrorStatus, getIfPresent, post } from "../core/api_client.js";
import { parseLoadKg } from "../text/number_parsing.js";
import { findPendingUpload, savePendingUpload } from "../upload/pending_uploads.js";

const STORAGE_KEY = "analyzer.sessions";
const MAX_CUE = 200; // letters that the service accepts
const MAX_NOTE = 2000;

/** Tell whether sessions of an owner are still stored in the browser. */
export const hasStoredSessions = (owner) => readStored().some((session) => session.owner === owner);

/** Delete the stored sessions of an owner. */
export function deleteStoredSessions(owner) {
  writeStored(readStored().filter((session) => session.owner !== owner));
}

/**
 * Send the stored sessions of an owner to the service, oldest first, and delete each one that it has accepted or
 * refused for good. Never throws: the others stay for the next time.
 */
export async function importStoredSessions(owner) {
  const stored = readStored().filter((session) => session.owner === owner);
  if (!stored.length) return;
  try {
    const plans = (await get("session-plans", { quiet: true })).items;
    for (const session of stored.sort((a, b) => a.started - b.started)) {
      await importSession(
        session,
        plans.find(({ name }) => name === session.plan),
      );
      writeStored(readStored().filter(({ id }) => id !== session.id));
    }
  } catch {
    // Not reached or signed out.
  }
}

/** Send one session. Returns if the service has it now or never will; throws ApiError if it may later. */
async function importSession(session, plan) {
  if (plan?.steps.length !== session.steps.length) return; // of another version: such sessions were not shown either
  const steps = [];
  for (const [i, step] of session.steps.entries())
    steps.push({ name: plan.steps[i].name, ...(await convertStep(step, session.client)) });
  const body = {
    client: session.client,
    plan: session.plan,
    started_at: new Date(session.started).toISOString(),
    ...(session.finished ? { finished_at: new Date(session.finished).toISOString() } : {}),
    steps,
  };
  try {
    const headers = { "Idempotency-Key": `session-${session.id}` };
    const imported = await post("sessions", body, { headers, quiet: true });
    for (const [i, { sending }] of session.steps.entries()) {
      const entry = sending ? findPendingUpload(sending) : null;
      const place = { session: imported.id, client: session.client, name: plan.steps[i].name };
      if (entry) savePendingUpload({ ...entry, step: place });
    }
  } catch (error) {
    if (![404, 422].includes(getErrorStatus(error) ?? 0)) throw error; // 404: the client was deleted
  }
}

async function convertStep({ analysis, cue, note, load, skipped, noted, redo }, client) {
  const status = analysis ? await getIfPresent(`analyses/${encodeURIComponent(analysis)}`) : null;
  return {
    analysis: status?.client === client ? analysis : null,
    cue: cue.slice(0, MAX_CUE),
    note: note.slice(0, MAX_NOTE),
    load_kg: parseStoredLoad(load),
    skipped,
    noted,
    redo,
  };
}

function parseStoredLoad(text) {
  try {
    return parseLoadKg(text ?? "");
  } catch {
    return null;
  }
}

function readStored() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(stored) ? stored : [];
  } catch {
    return [];
  }
}

function writeStored(sessions) {
  try {
    if (sessions.length) localStorage.setItem(STORAGE_KEY, JSON.stringify(sessions));
    else localStorage.removeItem(STORAGE_KEY);
  } catch {
    /* private browsing stores none */
  }
}
