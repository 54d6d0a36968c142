/** Lists of clips: all clips of the owner, rows by day, and lists that load page by page. */

import { hasEnded } from "../core/analysis_updates.js";
import { buildAnalysisUrl, getAllItems, getPage } from "../core/api_client.js";
import { el, field, focusFirst, setChildren } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { getMovementTitle, loadMovements } from "../core/movement_list.js";
import { isShown } from "../core/router.js";
import { formatLoad, loadVocabulary } from "../core/vocabulary.js";
import { formatDay, formatTime, isSameDay } from "../text/formatting.js";
import { messages } from "../text/messages.js";
import { uploadEvents } from "../upload/clip_upload.js";
import { describeProgress, getStageShare } from "./analysis_progress.js";
import { button, heading, runAction } from "./page_parts.js";

/** Render all clips of the owner, with filters by client and movement, and the progress of unfinished ones. */
export async function renderClipsView(root) {
  const allPath = "analyses?limit=30";
  const [firstPage, movements, clients] = await Promise.all([
    getPage(allPath),
    loadMovements(),
    getAllItems("clients?limit=200").catch(() => []), // without them the list has no filter by client
    loadVocabulary(),
  ]);
  const buildFilter = (allText, options) =>
    el(
      "select",
      { on: { change: (event) => refill(event.target) } },
      el("option", { value: "", text: allText }),
      options,
    );
  const movementFilter = buildFilter(
    messages.clips.all,
    movements.map(({ name }) => el("option", { value: name, text: getMovementTitle(name) })),
  );
  const clientFilter = buildFilter(
    messages.clips.allClients,
    clients.map(({ id, name }) => el("option", { value: id, text: name })),
  );
  const list = el("div", {});
  const loadPage = (cursor) => {
    const chosen = Object.entries({ movement: movementFilter.value, client: clientFilter.value });
    const filters = chosen.filter(([, value]) => value).map(([name, value]) => `&${name}=${encodeURIComponent(value)}`);
    return getPage(allPath + filters.join(""), cursor);
  };
  let stopWatching = () => {};
  const buildRows = (rows) => {
    stopWatching();
    stopWatching = watchClipRows(list, rows);
    return buildDays(rows);
  };
  const fill = (page) => setChildren(list, buildPagedList(page, loadPage, buildRows));
  const refill = (filter) => runAction(filter, async () => fill(await loadPage(null)));
  const refillOnArrival = () => refill(movementFilter);
  setChildren(
    root,
    heading(messages.clips.title),
    clients.length > 0 && field(messages.newClip.client, clientFilter),
    field(messages.common.movement, movementFilter),
    list,
  );
  if (!isShown(root)) return undefined;
  fill(firstPage);
  uploadEvents.addEventListener("arrival", refillOnArrival);
  return () => {
    stopWatching();
    uploadEvents.removeEventListener("arrival", refillOnArrival);
  };
}

/**
 * Keep the rows of unfinished clips up to date.
 * @param {Element} list where the rows are
 * @param {any[]} statuses of the rows
 * @param {(status: any) => HTMLElement} [buildRow] of one that has ended
 * @returns {() => void} stops it
 */
export function watchClipRows(list, statuses, buildRow = (status) => buildClipRow(status)) {
  if (statuses.every(hasEnded)) return () => {};
  let stop = () => {};
  let isStopped = false;
  const updateRow = (status, ahead) => {
    const row = list.querySelector(`[data-analysis="${CSS.escape(status.id)}"]`);
    if (!row) return;
    if (!hasEnded(status)) return drawProgress(row, status, ahead);
    const hadFocus = row.contains(document.activeElement);
    const ended = buildRow(status);
    row.replaceWith(ended);
    if (hadFocus) focusFirst(ended, "a", { preventScroll: true });
  };
  import("../core/unfinished_analyses.js").then(
    ({ watchUnfinished }) => {
      if (!isStopped) stop = watchUnfinished(new Map(statuses.map((status) => [status.id, status])), updateRow);
    },
    () => null, // not reached now: the rows stay as they are
  );
  return () => {
    isStopped = true;
    stop();
  };
}

/** Build the rows of clips, grouped by the day they were sent; `emptyText` if there are none. */
export function buildDays(
  statuses,
  { buildRow = (status) => buildClipRow(status), emptyText = messages.clips.none } = {},
) {
  if (!statuses.length) return el("p", { class: "empty", text: emptyText });
  const days = [];
  for (const status of statuses) {
    if (days.length && isSameDay(days.at(-1)[0].created_at, status.created_at)) days.at(-1).push(status);
    else days.push([status]);
  }
  return days.map((day) =>
    el(
      "section",
      { class: "day" },
      el("h2", { text: formatDay(day[0].created_at) }),
      el("ul", { class: "plain-list clip-list" }, day.map(buildRow)),
    ),
  );
}

/**
 * Build the row of one analysis.
 * @param {any} status
 * @param {string|null} [note] beneath its title
 * @param {boolean} [showsClient] whether the row names the client
 */
export function buildClipRow(status, note = null, showsClient = true) {
  const isDone = status.status === "done";
  const picture = isDone
    ? el("img", { src: buildAnalysisUrl(status.id, "thumb"), alt: "", loading: "lazy", width: "72", height: "72" })
    : icon("clips", "icon large");
  const title =
    isDone && status.movement !== "unknown"
      ? getMovementTitle(status.movement, status.variant)
      : (status.clip?.name ?? messages.clips.untitled);
  const summary = isDone ? getFirstFinding(status) : status.status === "failed" ? status.error?.text : null;
  const row = el(
    "li",
    { class: "clip-row", "data-analysis": status.id },
    el(
      "a",
      { href: `#/clips/${status.id}` },
      el("span", { class: "thumb" }, picture),
      el(
        "span",
        { class: "clip-text" },
        el("strong", { text: title }),
        el("span", {
          class: "quiet",
          text: [
            showsClient ? status.client_name : null,
            formatTime(status.created_at),
            hasEnded(status) && !isDone ? messages.clips.status[status.status] : null,
            status.load_kg ? formatLoad(status.load_kg) : null,
            note,
          ]
            .filter(Boolean)
            .join(" · "),
        }),
        summary && el("span", { class: "summary", text: summary }),
        !hasEnded(status) && [
          el("span", { class: "quiet progress-text" }),
          el("progress", { max: "1", "aria-hidden": "true" }),
        ],
      ),
    ),
  );
  if (!hasEnded(status)) drawProgress(row, status);
  return row;
}

/**
 * Draw the progress of an unfinished clip into its row.
 * @param {Element} row
 * @param {any} status
 * @param {number|null} [ahead] how many clips come before it
 */
function drawProgress(row, status, ahead = null) {
  const text = row.querySelector(".progress-text");
  const bar = row.querySelector("progress");
  if (!text || !bar) return;
  text.textContent = describeProgress(status, ahead);
  const share = getStageShare(status);
  bar.hidden = status.status === "queued";
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
}

/** Get the text of the first finding of a result, preferably of what they can do; null if there is none. */
function getFirstFinding(status) {
  const findings = status.summary?.findings ?? [];
  return (findings.find(({ kind }) => kind === "can") ?? findings[0])?.text ?? null;
}

/**
 * @template Row
 * @typedef {{items: Row[], next_cursor: string|null}} Page
 */

/**
 * Build a list that loads its next page on demand.
 * @template Row
 * @param {Page<Row>} firstPage
 * @param {(cursor: string|null) => Promise<Page<Row>>} loadPage
 * @param {(rows: Row[], isComplete: boolean) => import("../core/dom.js").Child} buildRows of all rows loaded so far
 */
export function buildPagedList(firstPage, loadPage, buildRows) {
  const box = el("div", {});
  let rows = firstPage.items;
  let cursor = firstPage.next_cursor;
  const more = button(
    messages.common.more,
    () =>
      runAction(more, async () => {
        const page = await loadPage(cursor);
        rows = [...rows, ...page.items];
        cursor = page.next_cursor;
        fill();
      }),
    "wide",
  );
  const fill = () => setChildren(box, buildRows(rows, !cursor), cursor && more);
  fill();
  return box;
}
