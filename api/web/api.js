/** Talking to the service: JSON in and out, and problems told in plain words. */

import { words } from "./words.js";

export const BASE = "/v1";

/** Something the service refused, or could not be reached for; `message` is fit to be shown. */
export class Told extends Error {
  /**
   * @param {number|null} status of the answer; 0: the service was not reached, null: the page itself refused
   * @param {string} text
   * @param {string|null} [code] what the service calls the problem
   */
  constructor(status, text, code = null) {
    super(text);
    this.name = "Told";
    this.status = status;
    this.code = code;
  }
}

/**
 * The status of a fault; null where it has none.
 * @param {unknown} fault
 */
export const statusOf = (fault) => (fault instanceof Told ? fault.status : null);

/**
 * What a person is shown of a fault: only what was meant for them.
 * @param {unknown} fault
 */
export const messageOf = (fault) => (fault instanceof Told ? fault.message : words.problems.server);

/** Statuses whose detail speaks to programs; a person is told the general words. */
const GENERAL = new Set([401, 404, 405, 410, 412, 500, 502, 504]);
const TRIES = 5; // of a change that others come before; chosen

let onSignedOut = () => {};

/**
 * What to do when the service no longer knows who asks.
 * @param {() => void} act
 */
export function whenSignedOut(act) {
  onSignedOut = act;
}

/**
 * @typedef {object} Options
 * @property {unknown} [body] goes as JSON
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {boolean} [quiet] whether somebody who is not signed in is not sent to sign in
 */

/**
 * Ask for JSON. Throws Told.
 * @param {string} method
 * @param {string} path below /v1, or a whole one that begins with a slash
 * @param {Options} [options]
 */
export const call = async (method, path, options) => contentOf(await ask(method, path, options));

/**
 * What is there and its ETag: {data, tag}.
 * @param {string} path
 */
async function getTagged(path) {
  const response = await ask("GET", path);
  return { data: await contentOf(response), tag: response.headers.get("ETag") };
}

/**
 * Change what is stored as it is now: got, changed by `change`, put; anew where another page was faster. Gives what was
 * put.
 * @template Body
 * @param {string} path
 * @param {(data: any) => Body} change
 */
export async function changed(path, change) {
  for (let left = TRIES; ; left--) {
    const { data, tag } = await getTagged(path);
    const body = change(data);
    try {
      await call("PUT", path, { body, headers: tag ? { "If-Match": tag } : {} });
      return body;
    } catch (told) {
      if (statusOf(told) !== 412 || left <= 1) throw told;
    }
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 */
async function ask(method, path, { body, headers = {}, signal, quiet = false } = {}) {
  const sent = new Headers({ Accept: "application/json", ...headers });
  if (body !== undefined) sent.set("Content-Type", "application/json");
  /** @type {RequestInit} */
  const options = {
    method,
    headers: sent,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
    credentials: "same-origin",
    cache: "no-store",
  };
  let response;
  try {
    response = await fetch(path.startsWith("/") ? path : `${BASE}/${path}`, options);
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "AbortError") throw fault;
    throw new Told(0, words.problems.unreachable);
  }
  if (!response.ok) {
    const told = await problemOf(response);
    if (told.status === 401 && !quiet) onSignedOut();
    throw told;
  }
  return response;
}

/** @param {Response} response */
async function contentOf(response) {
  if (response.status === 204) return null;
  return (response.headers.get("Content-Type") ?? "").includes("json") ? response.json() : response.text();
}

/**
 * @param {string} path
 * @param {Options} [options]
 */
export const get = (path, options) => call("GET", path, options);
/**
 * @param {string} path
 * @param {unknown} [body]
 * @param {Options} [options]
 */
export const post = (path, body, options) => call("POST", path, { ...options, body });
/**
 * @param {string} path
 * @param {Options} [options]
 */
export const remove = (path, options) => call("DELETE", path, options);

/**
 * A Told from an answer that is not ok: the service's own detail first, else words for the status.
 * @param {Response} response
 */
async function problemOf(response) {
  const data = await response.json().catch(() => null);
  return toldOf(response.status, data);
}

/** @type {Record<number, string>} */
const BY_STATUS = words.problems.byStatus;

/**
 * The same from a status and what came with it.
 * @param {number} status
 * @param {{detail?: unknown, type?: string} | null} data
 */
export function toldOf(status, data) {
  const general = BY_STATUS[status] ?? (status >= 500 ? words.problems.server : words.problems.other);
  const detail = typeof data?.detail === "string" && !GENERAL.has(status) ? data.detail : null;
  return new Told(status, detail ?? general, data?.type ?? null);
}

/**
 * A page of a list.
 * @param {string} path with its limit
 * @param {string|null} [cursor]
 * @returns {Promise<{items: any[], next_cursor: string|null}>}
 */
export function pageOf(path, cursor = null) {
  return get(cursor ? `${path}&cursor=${encodeURIComponent(cursor)}` : path);
}

/**
 * Every row of a list, page by page.
 * @param {string} path
 */
export async function everyRow(path) {
  const rows = [];
  /** @type {string|null} */
  let cursor = null;
  do {
    const page = await pageOf(path, cursor);
    rows.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return rows;
}

/**
 * The address of a file or a part of one analysis.
 * @param {string} id
 * @param {string} part
 */
export function partOf(id, part) {
  return `${BASE}/analyses/${encodeURIComponent(id)}/${part}`;
}
