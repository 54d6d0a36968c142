/** Talking to the service: JSON in and out, and problems told in plain words. */

import { words } from "./words.js";

export const BASE = "/v1";

/** Something the service refused, or could not be reached for; `message` is fit to be shown. */
export class Told extends Error {
  constructor(status, text, code = null) {
    super(text);
    this.name = "Told";
    this.status = status;
    this.code = code;
  }
}

/** Statuses whose detail speaks to programs; a person is told the general words. */
const GENERAL = new Set([401, 404, 405, 410, 412, 500, 502, 504]);
const TRIES = 5; // of a change that others come before; chosen

let onSignedOut = () => {};

/** What to do when the service no longer knows who asks. */
export function whenSignedOut(act) {
  onSignedOut = act;
}

/** Ask for JSON; `body` goes as JSON. Throws Told. */
export const call = async (method, path, options) => contentOf(await ask(method, path, options));

/** What is there and its ETag: {data, tag}. */
async function getTagged(path) {
  const response = await ask("GET", path);
  return { data: await contentOf(response), tag: response.headers.get("ETag") };
}

/**
 * Change what is stored as it is now: got, changed by `change`, put; anew where another page was faster. Gives what was
 * put.
 */
export async function changed(path, change) {
  for (let left = TRIES; ; left--) {
    const { data, tag } = await getTagged(path);
    const body = change(data);
    try {
      await call("PUT", path, { body, headers: tag ? { "If-Match": tag } : {} });
      return body;
    } catch (told) {
      if (told.status !== 412 || left <= 1) throw told;
    }
  }
}

async function ask(method, path, { body, headers = {}, signal, quiet = false } = {}) {
  const options = {
    method,
    headers: { Accept: "application/json", ...headers },
    signal,
    credentials: "same-origin",
    cache: "no-store",
  };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path.startsWith("/") ? path : `${BASE}/${path}`, options);
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Told(0, words.problems.unreachable);
  }
  if (!response.ok) {
    const told = await problemOf(response);
    if (told.status === 401 && !quiet) onSignedOut();
    throw told;
  }
  return response;
}

async function contentOf(response) {
  if (response.status === 204) return null;
  return (response.headers.get("Content-Type") ?? "").includes("json") ? response.json() : response.text();
}

export const get = (path, options) => call("GET", path, options);
export const post = (path, body, options) => call("POST", path, { ...options, body });
export const remove = (path, options) => call("DELETE", path, options);

/** A Told from an answer that is not ok: the service's own detail first, else words for the status. */
async function problemOf(response) {
  const data = await response.json().catch(() => null);
  return toldOf(response.status, data);
}

/** The same from a status and what came with it. */
export function toldOf(status, data) {
  const general = words.problems.byStatus[status] ?? (status >= 500 ? words.problems.server : words.problems.other);
  const detail = typeof data?.detail === "string" && !GENERAL.has(status) ? data.detail : null;
  return new Told(status, detail ?? general, data?.type ?? null);
}

/** A page of a list, {items, next_cursor}; `path` has its limit. */
export function pageOf(path, cursor = null) {
  return get(cursor ? `${path}&cursor=${encodeURIComponent(cursor)}` : path);
}

/** Every row of a list, page by page. */
export async function everyRow(path) {
  const rows = [];
  let cursor = null;
  do {
    const page = await pageOf(path, cursor);
    rows.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return rows;
}

/** The address of a file or a part of one analysis. */
export function partOf(id, part) {
  return `${BASE}/analyses/${encodeURIComponent(id)}/${part}`;
}
