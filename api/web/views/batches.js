/** Batches, and the page of one batch: its progress, the files that were refused, its summary and clips. */

import { API_BASE, get, getPage, post, remove } from "../core/api_client.js";
import { confirmAction } from "../core/dialogs.js";
import { el, setChildren, showToast } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { loadMovements } from "../core/movement_list.js";
import { isShown, navigate } from "../core/router.js";
import { loadVocabulary } from "../core/vocabulary.js";
import { formatDate, formatTime } from "../text/formatting.js";
import { messages } from "../text/messages.js";
import { buildDays, buildPagedList } from "./clip_list.js";
import { button, heading, runAction } from "./page_parts.js";

const REFRESH_MS = 4000; // chosen

/** Render the list of batches. */
export async function renderBatchesView(root) {
  const path = "batches?limit=50";
  const buildRows = (batches) =>
    batches.length
      ? el("ul", { class: "plain-list" }, batches.map(buildBatchRow))
      : el("p", { class: "empty", text: messages.batches.none });
  const list = buildPagedList(await getPage(path), (cursor) => getPage(path, cursor), buildRows);
  setChildren(root, heading(messages.batches.title), list);
}

function buildBatchRow(batch) {
  return el(
    "li",
    { class: "card batch" },
    el(
      "a",
      { class: "line-link", href: `#/batches/${batch.id}` },
      el("strong", { text: batch.name }),
      el("span", { class: "quiet", text: formatDate(batch.created_at) }),
    ),
    buildCounts(batch),
  );
}

/** Render the view of one batch, refreshed while it runs. */
export async function renderBatchView(root, { id }) {
  const path = `batches/${encodeURIComponent(id)}`;
  const clipsPath = `analyses?batch=${encodeURIComponent(id)}&limit=30`;
  const loads = [get(path), getPage(clipsPath), loadMovements(), loadVocabulary()];
  const [firstBatch, firstPage] = await Promise.all(loads);
  if (!isShown(root)) return null;
  document.title = `${firstBatch.name} · ${messages.app}`;
  const counts = el("div", { class: "card" });
  const refused = el("div", {});
  const list = buildPagedList(
    firstPage,
    (cursor) => getPage(clipsPath, cursor),
    (statuses) => buildDays(statuses, { emptyText: messages.batches.empty }),
  );
  const cancelButton = button(messages.batches.cancel, async () => {
    if (await confirmAction(messages.batches.cancel, messages.batches.cancelText, messages.batches.cancel))
      await runAction(cancelButton, async () => draw(await post(`${path}/cancel`)));
  });
  const deleteButton = button(
    messages.batches.remove,
    async () => {
      const { remove: action, removeText } = messages.batches;
      if (!(await confirmAction(action, removeText, action))) return;
      await runAction(deleteButton, async () => {
        await remove(path);
        showToast(messages.common.deleted);
        navigate("batches", { replace: true });
      });
    },
    "careful-text",
  );
  const draw = (batch) => {
    setChildren(
      counts,
      buildCounts(batch),
      el("p", { class: "quiet", text: `${formatDate(batch.created_at)}, ${formatTime(batch.created_at)}` }),
    );
    setChildren(
      refused,
      batch.refused?.length
        ? el(
            "ul",
            { class: "notes" },
            batch.refused.map(({ text }) => el("li", { text })),
          )
        : null,
    );
    cancelButton.hidden = !isRunning(batch);
  };
  let timer = 0;
  const refresh = async () => {
    const batch = await get(path).catch(() => null);
    if (!isShown(root)) return;
    if (batch) draw(batch);
    if (!batch || isRunning(batch)) timer = setTimeout(refresh, REFRESH_MS);
  };
  setChildren(
    root,
    heading(firstBatch.name),
    counts,
    refused,
    el(
      "div",
      { class: "row" },
      el(
        "a",
        { class: "button", href: `${API_BASE}/${path}/summary.csv`, download: `${firstBatch.name}.csv` },
        icon("download"),
        el("span", { text: messages.batches.summary }),
      ),
      cancelButton,
      deleteButton,
    ),
    el("h2", { text: messages.batches.clips }),
    list,
  );
  draw(firstBatch);
  if (isRunning(firstBatch)) timer = setTimeout(refresh, REFRESH_MS);
  return () => clearTimeout(timer);
}

const isRunning = (batch) =>
  !batch.cancelled_at &&
  (batch.counts.queued + batch.counts.running > 0 || (batch.total !== null && countEnded(batch) < batch.total));

/** Count the clips that are over, including the files that were refused. */
const countEnded = ({ counts, refused = [] }) => counts.done + counts.failed + counts.cancelled + refused.length;

function buildCounts(batch) {
  const { counts } = batch;
  const running = counts.queued + counts.running;
  const failed = counts.failed + (batch.refused?.length ?? 0);
  const total = batch.total ?? countEnded(batch) + running;
  const done = messages.batches.done(counts.done, total);
  return [
    el("progress", { max: String(total || 1), value: countEnded(batch), "aria-label": done }),
    el("p", {
      class: "quiet",
      text: [
        done,
        running ? messages.batches.running(running) : null,
        failed ? messages.batches.failed(failed) : null,
        batch.cancelled_at ? messages.batches.cancelled : null,
      ]
        .filter(Boolean)
        .join(" · "),
    }),
  ];
}
