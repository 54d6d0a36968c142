/** HTTP client of the service: JSON in and out, and refusals as errors with a message for the user. */

import { messages } from "../text/messages.js";

export const API_BASE = "/v1";

/** A request that the service refused, or that did not reach it. `message` may be shown to the user. */
export class ApiError extends Error {
  /**
   * @param {number|null} status HTTP status; 0: the service was not reached; null: refused by the page itself
   * @param {string} text
   * @param {string|null} [code] problem type (`type` of RFC 9457)
   */
  constructor(status, text, code = null) {
    super(text);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }
}

/**
 * Get the HTTP status of an error; null if it has none.
 * @param {unknown} error
 */
export const getErrorStatus = (error) => (error instanceof ApiError ? error.status : null);

/**
 * Get the message to show for an error. Anything but an ApiError becomes a general message.
 * @param {unknown} error
 */
export const getErrorMessage = (error) => (error instanceof ApiError ? error.message : messages.problems.server);

/** Statuses whose `detail` is written for programs; the user sees the general message of the status. */
const GENERAL_STATUSES = new Set([401, 404, 405, 410, 412, 500, 502, 504]);
const UPDATE_ATTEMPTS = 5; // chosen

let handleSignedOut = () => {};

/**
 * Set the function to call when the service answers 401.
 * @param {() => void} handler
 */
export function setSignedOutHandler(handler) {
  handleSignedOut = handler;
}

/**
 * @typedef {object} RequestOptions
 * @property {unknown} [body] sent as JSON
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {boolean} [quiet] do not call the signed-out handler on 401
 */

/**
 * Send a request and return the content of the answer. Throws ApiError.
 * @param {string} method
 * @param {string} path below /v1, or an absolute path that begins with a slash
 * @param {RequestOptions} [options]
 */
export const request = async (method, path, options) => readContent(await send(method, path, options));

/**
 * @param {string} path
 * @param {RequestOptions} [options]
 */
export const get = (path, options) => request("GET", path, options);

/**
 * @param {string} path
 * @param {unknown} [body]
 * @param {RequestOptions} [options]
 */
export const post = (path, body, options) => request("POST", path, { ...options, body });

/**
 * @param {string} path
 * @param {RequestOptions} [options]
 */
export const remove = (path, options) => request("DELETE", path, options);

/**
 * Get a resource; return null if it does not exist (404) or does not exist yet (409).
 * @param {string} path
 */
export async function getIfPresent(path) {
  try {
    return await get(path);
  } catch (error) {
    if (![404, 409].includes(getErrorStatus(error) ?? 0)) throw error;
    return null;
  }
}

/**
 * Read a resource, change it and store it with `If-Match`; repeat if another page stored it in between.
 * @template Body
 * @param {string} path
 * @param {(data: any) => Body} change
 * @returns {Promise<Body>} what was stored
 */
export async function updateResource(path, change) {
  for (let attemptsLeft = UPDATE_ATTEMPTS; ; attemptsLeft--) {
    const response = await send("GET", path);
    const etag = response.headers.get("ETag");
    const body = change(await readContent(response));
    try {
      await request("PUT", path, { body, headers: etag ? { "If-Match": etag } : {} });
      return body;
    } catch (error) {
      if (getErrorStatus(error) !== 412 || attemptsLeft <= 1) throw error;
    }
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {RequestOptions} [options]
 */
async function send(method, path, { body, headers: extraHeaders = {}, signal, quiet = false } = {}) {
  const headers = new Headers({ Accept: "application/json", ...extraHeaders });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  let response;
  try {
    response = await fetch(path.startsWith("/") ? path : `${API_BASE}/${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, messages.problems.unreachable);
  }
  if (!response.ok) {
    const data = await response.json().catch(() => null);
    if (response.status === 401 && !quiet) handleSignedOut();
    throw createApiError(response.status, data);
  }
  return response;
}

/** @param {Response} response */
async function readContent(response) {
  if (response.status === 204) return null;
  return (response.headers.get("Content-Type") ?? "").includes("json") ? response.json() : response.text();
}

/** @type {Record<number, string>} */
const MESSAGE_BY_STATUS = messages.problems.byStatus;

/**
 * Create the error of a refusal: the `detail` of the service if it is for people, else the message of the status.
 * @param {number} status
 * @param {{detail?: unknown, type?: string} | null} data body of the answer
 */
export function createApiError(status, data) {
  const general = MESSAGE_BY_STATUS[status] ?? (status >= 500 ? messages.problems.server : messages.problems.other);
  const detail = typeof data?.detail === "string" && !GENERAL_STATUSES.has(status) ? data.detail : null;
  return new ApiError(status, detail ?? general, data?.type ?? null);
}

/**
 * Get one page of a list.
 * @param {string} path with its limit
 * @param {string|null} [cursor]
 * @returns {Promise<{items: any[], next_cursor: string|null}>}
 */
export function getPage(path, cursor = null) {
  return get(cursor ? `${path}&cursor=${encodeURIComponent(cursor)}` : path);
}

/**
 * Get all items of a list, page by page.
 * @param {string} path with its limit
 */
export async function getAllItems(path) {
  const items = [];
  /** @type {string|null} */
  let cursor = null;
  do {
    const page = await getPage(path, cursor);
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return items;
}

/**
 * Build the URL of a file of an analysis.
 * @param {string} id
 * @param {string} part for example "thumb" or "angles.csv"
 */
export function buildAnalysisUrl(id, part) {
  return `${API_BASE}/analyses/${encodeURIComponent(id)}/${part}`;
}
