/** Batches: how far they are, what could not be read, the summary to take away. */

import { BASE, call, get, pageOf } from "../api.js";
import { confirmed } from "../dialogs.js";
import { el, put } from "../dom.js";
import { movements } from "../facts.js";
import { icon } from "../icons.js";
import { stillShown } from "../router.js";
import { dateText, timeText } from "../text.js";
import { words } from "../words.js";
import { byDay } from "./clips.js";
import { doing, growingList, heading } from "./common.js";

const AGAIN_MS = 4000; // chosen

export async function batchesView(root) {
  const path = "batches?limit=50";
  const draw = (rows) =>
    rows.length
      ? el(
          "ul",
          { class: "plain-list" },
          rows.map((batch) =>
            el(
              "li",
              { class: "card batch" },
              el(
                "a",
                { class: "line-link", href: `#/batches/${batch.id}` },
                el("strong", { text: batch.name }),
                el("span", { class: "quiet", text: dateText(batch.created_at) }),
              ),
              countsPart(batch),
            ),
          ),
        )
      : el("p", { class: "empty", text: words.batches.none });
  const list = growingList(await pageOf(path), (cursor) => pageOf(path, cursor), draw);
  put(root, heading(words.batches.title), list);
}

export async function batchView(root, { id }) {
  const path = `batches/${encodeURIComponent(id)}`;
  const listPath = `analyses?batch=${encodeURIComponent(id)}&limit=30`;
  const [first, page] = await Promise.all([get(path), pageOf(listPath), movements()]);
  if (!stillShown(root)) return null;
  document.title = `${first.name} · ${words.app}`;
  const counts = el("div", { class: "card" });
  const refused = el("div", {});
  const list = el(
    "div",
    {},
    growingList(
      page,
      (cursor) => pageOf(listPath, cursor),
      (rows) => byDay(rows, { none: words.batches.empty }),
    ),
  );
  const stop = el("button", {
    type: "button",
    class: "button",
    text: words.batches.cancel,
    on: {
      click: async () => {
        if (await confirmed(words.batches.cancel, words.batches.cancelText, words.batches.cancel))
          await doing(stop, async () => draw(await call("POST", `${path}/cancel`)));
      },
    },
  });
  const draw = (batch) => {
    put(
      counts,
      countsPart(batch),
      el("p", { class: "quiet", text: `${dateText(batch.created_at)}, ${timeText(batch.created_at)}` }),
    );
    put(
      refused,
      batch.refused?.length
        ? el(
            "ul",
            { class: "notes" },
            batch.refused.map((one) => el("li", { text: one.text })),
          )
        : null,
    );
    stop.hidden = !underWay(batch);
  };
  let timer = 0;
  const again = async () => {
    const batch = await get(path).catch(() => null);
    if (!stillShown(root)) return;
    if (batch) draw(batch);
    if (!batch || underWay(batch)) timer = setTimeout(again, AGAIN_MS);
  };
  put(
    root,
    heading(first.name),
    counts,
    refused,
    el(
      "div",
      { class: "row" },
      el(
        "a",
        { class: "button", href: `${BASE}/${path}/summary.csv`, download: `${first.name}.csv` },
        icon("download"),
        el("span", { text: words.batches.summary }),
      ),
      stop,
    ),
    el("h2", { text: words.batches.clips }),
    list,
  );
  draw(first);
  if (underWay(first)) timer = setTimeout(again, AGAIN_MS);
  return () => clearTimeout(timer);
}

const underWay = (batch) =>
  !batch.cancelled_at &&
  (batch.counts.queued + batch.counts.running > 0 || (batch.total !== null && ended(batch) < batch.total));
/** How many are over; files that were not taken count among those of the batch. */
const ended = ({ counts, refused = [] }) => counts.done + counts.failed + counts.cancelled + refused.length;

function countsPart(batch) {
  const { counts } = batch;
  const unread = counts.failed + (batch.refused?.length ?? 0);
  const total = batch.total ?? ended(batch) + counts.queued + counts.running;
  return [
    el("progress", {
      max: String(total || 1),
      value: ended(batch),
      "aria-label": words.batches.of(counts.done, total),
    }),
    el("p", {
      class: "quiet",
      text: [
        words.batches.of(counts.done, total),
        counts.running + counts.queued ? words.batches.running(counts.running + counts.queued) : null,
        unread ? words.batches.failed(unread) : null,
        batch.cancelled_at ? words.batches.cancelled : null,
      ]
        .filter(Boolean)
        .join(" · "),
    }),
  ];
}
