/** Following and changing an analysis: status updates by server-sent events, with polling as the fallback. */

import { API_BASE, get, getErrorStatus, request } from "./api_client.js";

const POLL_MS = 2000; // chosen
const SILENCE_MS = 15000; // without an event for this long, switch to polling; chosen
const FINAL_STATUSES = new Set(["done", "failed", "cancelled"]);

/** @param {{status: string}} status */
export const hasEnded = (status) => FINAL_STATUSES.has(status.status);

/**
 * Call `onStatus(status)` on every change until `until(status)` holds.
 * @param {string} id of the analysis
 * @param {(status: any) => void} onStatus
 * @param {{until?: (status: any) => boolean, onGone?: () => void}} [options] `onGone` is called if it is deleted
 * @returns {() => void} stops watching
 */
export function watchAnalysis(id, onStatus, { until = hasEnded, onGone = () => {} } = {}) {
  const path = `analyses/${encodeURIComponent(id)}`;
  /** @type {EventSource|null} */
  let source = null;
  let pollTimer = 0;
  let silenceTimer = 0;
  let isStopped = false;

  const stop = () => {
    isStopped = true;
    source?.close();
    clearTimeout(pollTimer);
    clearTimeout(silenceTimer);
    document.removeEventListener("visibilitychange", pollIfVisible);
  };
  const leave = () => {
    if (isStopped) return;
    stop();
    onGone();
  };
  const handleStatus = (status) => {
    if (isStopped) return;
    onStatus(status);
    if (until(status)) stop();
  };
  const poll = async () => {
    clearTimeout(pollTimer);
    if (isStopped) return;
    let delay = POLL_MS;
    try {
      handleStatus(await get(path));
    } catch (error) {
      if (getErrorStatus(error) === 404) return leave();
      if (getErrorStatus(error) === 401) return stop();
      delay = 2 * POLL_MS;
    }
    if (!isStopped && source === null) pollTimer = setTimeout(poll, delay);
    return undefined;
  };
  const switchToPolling = () => {
    source?.close();
    source = null;
    clearTimeout(silenceTimer);
    poll();
  };
  const restartSilenceTimer = () => {
    clearTimeout(silenceTimer);
    silenceTimer = setTimeout(switchToPolling, SILENCE_MS);
  };
  // A phone that was asleep has missed events.
  const pollIfVisible = () => {
    if (!document.hidden) poll();
  };

  if (window.EventSource) {
    const opened = new EventSource(`${API_BASE}/${path}/events`);
    source = opened;
    opened.addEventListener("status", (message) => {
      restartSilenceTimer();
      handleStatus(JSON.parse(message.data));
    });
    opened.addEventListener("gone", leave);
    opened.onopen = restartSilenceTimer;
    opened.onerror = () => {
      if (!isStopped && source === opened && opened.readyState === EventSource.CLOSED) switchToPolling();
    };
    restartSilenceTimer();
  }
  document.addEventListener("visibilitychange", pollIfVisible);
  poll();
  return stop;
}

/**
 * Watch the unfinished analyses of `statuses`, one at a time in the order of the queue: a browser allows few
 * connections. Each new status is stored in the map before `onStatus` is called.
 * @param {Map<string, any>} statuses by id
 * @param {(status: any) => void} onStatus
 * @returns {() => void} stops watching
 */
export function watchAnalyses(statuses, onStatus) {
  /** @type {(() => void)|null} */
  let stopCurrent = null;
  let isStopped = false;
  const watchNext = () => {
    const next = [...statuses.values()].find((status) => !hasEnded(status));
    if (isStopped || !next) return;
    const onGone = () => {
      statuses.delete(next.id);
      watchNext();
    };
    stopCurrent = watchAnalysis(
      next.id,
      (status) => {
        statuses.set(status.id, status);
        onStatus(status);
        if (hasEnded(status)) watchNext();
      },
      { onGone },
    );
  };
  watchNext();
  return () => {
    isStopped = true;
    stopCurrent?.();
  };
}

/**
 * Change the details of an analysis, such as its movement, load or note. Throws ApiError.
 * @param {string} id
 * @param {Record<string, unknown>} fields
 * @returns {Promise<any>} the status of the analysis after the change
 */
export const updateAnalysis = (id, fields) => request("PATCH", `analyses/${encodeURIComponent(id)}`, { body: fields });

/**
 * Wait until all changes are in the result.
 * @param {string} id
 * @returns {{settled: Promise<any>, stop: () => void}} `settled` gives the status then, and never settles after `stop`
 */
export function waitForRemeasurement(id) {
  /** @type {(status: any) => void} */
  let resolve = () => {};
  const settled = new Promise((fulfil) => {
    resolve = fulfil;
  });
  const isSettled = (status) => !status.remeasuring;
  const stop = watchAnalysis(id, (status) => isSettled(status) && resolve(status), { until: isSettled });
  return { settled, stop };
}
