/** Live status of the unfinished analyses of a list, with their places in the queue. */

import { getIfPresent, getPage } from "./api_client.js";
import { hasEnded } from "./analysis_updates.js";

const POLL_MS = 2000; // chosen: several run at once, and a browser allows few event streams

/**
 * Call `onStatus(status, ahead)` for each unfinished analysis of `statuses` while the page is visible, until all have
 * ended. Each new status is stored in the map before.
 * @param {Map<string, any>} statuses by id
 * @param {(status: any, ahead: number|null) => void} onStatus `ahead`: how many of one's own clips come before it; null
 *   if it has started, or if there are too many to count
 * @returns {() => void} stops watching
 */
export function watchUnfinished(statuses, onStatus) {
  let timer = 0;
  let isStopped = false;
  let runningIds = "";
  /** @type {{items: any[], next_cursor: string|null}|null} */
  let queued = null;

  const update = (status, ahead) => {
    if (isStopped) return;
    statuses.set(status.id, status);
    onStatus(status, ahead);
  };
  const refresh = async () => {
    const running = await getPage("analyses?status=running&limit=100");
    const ids = running.items.map(({ id }) => id).join();
    // The queue moves when another analysis runs; with none running, one may have come and gone.
    if (queued === null || !ids || ids !== runningIds) queued = await getPage("analyses?status=queued&limit=200");
    runningIds = ids;
    const { items: waiting, next_cursor } = queued;
    const started = new Set(running.items.map(({ id }) => id));
    for (const status of running.items) if (statuses.has(status.id)) update(status, null);
    waiting.forEach((status, index) => {
      const ahead = next_cursor ? null : running.items.length + waiting.length - 1 - index;
      if (statuses.has(status.id) && !started.has(status.id)) update(status, ahead);
    });
    const open = new Set([...started, ...waiting.map(({ id }) => id)]);
    for (const { id } of [...statuses.values()].filter((status) => !hasEnded(status) && !open.has(status.id))) {
      const status = await getIfPresent(`analyses/${encodeURIComponent(id)}`);
      if (status) update(status, null);
      else statuses.delete(id);
    }
  };
  const poll = async () => {
    clearTimeout(timer);
    if (isStopped || document.hidden || [...statuses.values()].every(hasEnded)) return;
    await refresh().catch(() => null); // not reached now: the next time may be better
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(poll, POLL_MS);
  };
  document.addEventListener("visibilitychange", poll);
  poll();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", poll);
  };
}
