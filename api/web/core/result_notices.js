/** Says that a result is there while another view, or none, is open: a message, the title, and the badge of the app. */

import { messages } from "../text/messages.js";
import { AWAITED_KEY } from "../upload/pending_uploads.js";
import { hasEnded, watchAnalyses } from "./analysis_updates.js";
import { getOwnerKey } from "./current_user.js";
import { showToast } from "./dom.js";
import { getMovementTitle, loadMovements } from "./movement_list.js";

const MAX_AGE_MS = 24 * 3600 * 1000; // after this long nobody waits for a result; chosen
const TOAST_MS = 10000; // chosen

/** @typedef {{id: string, owner: string, path: string, created: number}} Awaited path: that of the view with its result */

/** @type {Map<string, {text: string, path: string}>} results that were not looked at, by id of the analysis */
const unseen = new Map();
let stopWatching = () => {};

/**
 * Say when the result of an analysis is there.
 * @param {string} id of the analysis
 * @param {string} path of the view that shows its result
 */
export function awaitResult(id, path) {
  storeList([...readList().filter((one) => one.id !== id), { id, owner: getOwnerKey(), path, created: Date.now() }]);
  watchAwaited();
}

/** Watch what is awaited, also from before the page was closed. */
export function watchAwaited() {
  stopWatching();
  const awaited = readList().filter(({ owner }) => owner === getOwnerKey());
  const statuses = new Map(awaited.map(({ id }) => [id, { id, status: "queued" }]));
  stopWatching = watchAnalyses(statuses, (status) => hasEnded(status) && handleEnd(status));
}

async function handleEnd(status) {
  const awaited = readList().find(({ id }) => id === status.id);
  storeList(readList().filter(({ id }) => id !== status.id));
  if (!awaited || status.status === "cancelled" || isInView(status.id, awaited.path)) return;
  const text = await describeEnd(status);
  if (isInView(status.id, awaited.path)) return;
  unseen.set(status.id, { text, path: awaited.path });
  drawCount();
  if (!document.hidden) showNotice(text, awaited.path);
}

async function describeEnd(status) {
  if (status.status === "failed") return messages.progress.resultFailed(status.clip.name);
  await loadMovements().catch(() => null);
  const isKnown = status.movement !== "unknown";
  return messages.progress.resultReady(isKnown ? getMovementTitle(status.movement, status.variant) : status.clip.name);
}

const showNotice = (text, path) =>
  showToast(text, { link: { href: `#/${path}`, text: messages.progress.open }, ms: TOAST_MS });

/** Tell whether a view that shows the analysis is open and visible. */
const isInView = (id, path) => !document.hidden && (location.hash.includes(id) || location.hash === `#/${path}`);

/** Write the number of results that were not looked at into the title, and on the icon of the app if it is installed. */
function drawCount() {
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = unseen.size ? `(${unseen.size}) ${title}` : title;
  const drawn = unseen.size ? navigator.setAppBadge?.(unseen.size) : navigator.clearAppBadge?.();
  drawn?.catch(() => null);
}

/** Forget results that are in view now; the list of clips shows all. */
function forgetSeen() {
  if (document.hidden) return;
  for (const [id, { path }] of unseen) if (location.hash === "#/clips" || isInView(id, path)) unseen.delete(id);
  drawCount();
}

window.addEventListener("viewchange", forgetSeen);
document.addEventListener("visibilitychange", () => {
  forgetSeen();
  const [latest] = [...unseen.values()].reverse();
  if (!document.hidden && latest) showNotice(latest.text, latest.path);
});

/** @returns {Awaited[]} */
function readList() {
  try {
    const list = JSON.parse(localStorage.getItem(AWAITED_KEY) ?? "[]");
    return list.filter(({ created }) => Date.now() - created < MAX_AGE_MS);
  } catch {
    return [];
  }
}

/** @param {Awaited[]} list */
function storeList(list) {
  try {
    if (list.length) localStorage.setItem(AWAITED_KEY, JSON.stringify(list));
    else localStorage.removeItem(AWAITED_KEY);
  } catch {
    /* private browsing */
  }
}
