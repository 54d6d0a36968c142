/** All clips of whoever is signed in, newest first, by day. */

import { get, rowsOf } from "../api.js";
import { el, field, put } from "../dom.js";
import { movements } from "../facts.js";
import { dayText, plainName, sameDay } from "../text.js";
import { words } from "../words.js";
import { clipRow, doing, heading } from "./common.js";

export async function clipsView(root) {
  const [page, known] = await Promise.all([get("analyses?limit=30"), movements()]);
  const filter = el(
    "select",
    { on: { change: () => refill() } },
    el("option", { value: "", text: words.clips.all }),
    known.map((one) => el("option", { value: one.name, text: plainName(one.title) })),
  );
  const list = el("div", {});
  const ask = (cursor) =>
    get(
      `analyses?limit=30${filter.value ? `&movement=${encodeURIComponent(filter.value)}` : ""}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
    );
  const fillWith = (first) => put(list, growingList(first, ask));
  const refill = () => doing(filter, async () => fillWith(await ask(null)));
  put(root, heading(words.clips.title), field(words.clips.filter, filter), list);
  fillWith(page);
}

/** A list by day that grows when asked to. */
export function growingList(first, ask, none = words.clips.none) {
  const box = el("div", {});
  let all = rowsOf(first).rows;
  let { next } = rowsOf(first);
  const draw = () => put(box, byDay(all), next && more);
  const more = el("button", {
    type: "button",
    class: "button wide",
    text: words.common.more,
    on: {
      click: () =>
        doing(more, async () => {
          const page = rowsOf(await ask(next));
          all = [...all, ...page.rows];
          next = page.next;
          draw();
        }),
    },
  });
  if (!all.length) return el("p", { class: "empty", text: none });
  draw();
  return box;
}

/** Rows under the day they were sent. */
export function byDay(rows, draw = (status) => clipRow(status)) {
  const days = [];
  for (const status of rows) {
    if (days.length && sameDay(days.at(-1)[0].created_at, status.created_at)) days.at(-1).push(status);
    else days.push([status]);
  }
  return days.map((day) =>
    el(
      "section",
      { class: "day" },
      el("h2", { text: dayText(day[0].created_at) }),
      el("ul", { class: "plain-list clip-list" }, day.map(draw)),
    ),
  );
}
