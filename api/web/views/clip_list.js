/** Lists of clips: all clips of the owner, rows by day, and lists that load page by page. */

import { buildAnalysisUrl, getPage } from "../core/api_client.js";
import { el, field, setChildren } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { getMovementTitle, loadMovements } from "../core/movement_list.js";
import { formatLoad, loadVocabulary } from "../core/vocabulary.js";
import { formatDay, formatTime, isSameDay } from "../text/formatting.js";
import { messages } from "../text/messages.js";
import { button, heading, runAction } from "./page_parts.js";

/** Render all clips of the owner, with a filter by movement. */
export async function renderClipsView(root) {
  const allPath = "analyses?limit=30";
  const [firstPage, movements] = await Promise.all([getPage(allPath), loadMovements(), loadVocabulary()]);
  const filter = el(
    "select",
    { on: { change: () => refill() } },
    el("option", { value: "", text: messages.clips.all }),
    movements.map(({ name }) => el("option", { value: name, text: getMovementTitle(name) })),
  );
  const list = el("div", {});
  const loadPage = (cursor) =>
    getPage(filter.value ? `${allPath}&movement=${encodeURIComponent(filter.value)}` : allPath, cursor);
  const fill = (page) =>
    setChildren(
      list,
      buildPagedList(page, loadPage, (rows) => buildDays(rows)),
    );
  const refill = () => runAction(filter, async () => fill(await loadPage(null)));
  setChildren(root, heading(messages.clips.title), field(messages.common.movement, filter), list);
  fill(firstPage);
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
 */
export function buildClipRow(status, note = null) {
  const isDone = status.status === "done";
  const picture = isDone
    ? el("img", { src: buildAnalysisUrl(status.id, "thumb"), alt: "", loading: "lazy", width: "72", height: "72" })
    : icon("clips", "icon large");
  const title =
    isDone && status.movement !== "unknown"
      ? getMovementTitle(status.movement, status.variant)
      : (status.clip?.name ?? messages.clips.untitled);
  const summary = isDone ? getFirstFinding(status) : status.status === "failed" ? status.error?.text : null;
  return el(
    "li",
    { class: "clip-row" },
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
            formatTime(status.created_at),
            isDone ? null : messages.clips.status[status.status],
            status.load_kg ? formatLoad(status.load_kg) : null,
            note,
          ]
            .filter(Boolean)
            .join(" · "),
        }),
        summary && el("span", { class: "summary", text: summary }),
      ),
    ),
  );
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
