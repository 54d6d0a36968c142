/** How far an analysis is: told by the service as it happens, asked for where that does not get through. */

import { BASE, get, statusOf } from "./api.js";

const POLL_MS = 2000; // chosen
const SILENT_MS = 15000; // no word for this long: ask; chosen
const ENDED = new Set(["done", "failed", "cancelled"]);

/** @param {{status: string}} status */
export const ended = (status) => ENDED.has(status.status);

/**
 * Call `tell(status)` on every change until it has ended; gives a function that stops it.
 * @param {string} id
 * @param {(status: any) => void} tell
 * @param {{until?: (status: any) => boolean}} [options]
 */
export function watch(id, tell, { until = ended } = {}) {
  const path = `analyses/${encodeURIComponent(id)}`;
  /** @type {EventSource|null} */
  let source = null;
  let timer = 0;
  let silence = 0;
  let over = false;

  const stop = () => {
    over = true;
    source?.close();
    clearTimeout(timer);
    clearTimeout(silence);
    document.removeEventListener("visibilitychange", wake);
  };
  const take = (status) => {
    if (over) return;
    tell(status);
    if (until(status)) stop();
  };
  const ask = async () => {
    clearTimeout(timer);
    if (over) return;
    let wait = POLL_MS;
    try {
      take(await get(path));
    } catch (told) {
      if ([401, 404].includes(statusOf(told) ?? 0)) return stop();
      wait = 2 * POLL_MS;
    }
    if (!over && source === null) timer = setTimeout(ask, wait);
    return undefined;
  };
  const poll = () => {
    source?.close();
    source = null;
    clearTimeout(silence);
    ask();
  };
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(poll, SILENT_MS);
  };
  const wake = () => {
    if (!document.hidden) ask();
  }; // a phone that slept has missed what was told

  if (window.EventSource) {
    const opened = new EventSource(`${BASE}/${path}/events`);
    source = opened;
    opened.addEventListener("status", (message) => {
      heard();
      take(JSON.parse(message.data));
    });
    opened.addEventListener("gone", stop);
    opened.onopen = heard;
    opened.onerror = () => {
      if (!over && source === opened && opened.readyState === EventSource.CLOSED) poll();
    };
    heard();
  }
  document.addEventListener("visibilitychange", wake);
  ask();
  return stop;
}
