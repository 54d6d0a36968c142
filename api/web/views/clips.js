/** All clips of whoever is signed in, newest first, by day. */

import { pageOf } from "../api.js";
import { el, field, put } from "../dom.js";
import { movements } from "../facts.js";
import { dayText, plainName, sameDay } from "../text.js";
import { words } from "../words.js";
import { clipRow, doing, growingList, heading } from "./common.js";

export async function clipsView(root) {
  const all = "analyses?limit=30";
  const [first, known] = await Promise.all([pageOf(all), movements()]);
  const filter = el(
    "select",
    { on: { change: () => refill() } },
    el("option", { value: "", text: words.clips.all }),
    known.map((one) => el("option", { value: one.name, text: plainName(one.title) })),
  );
  const list = el("div", {});
  const ask = (cursor) => pageOf(filter.value ? `${all}&movement=${encodeURIComponent(filter.value)}` : all, cursor);
  const fillWith = (page) =>
    put(
      list,
      growingList(page, ask, (rows) => byDay(rows)),
    );
  const refill = () => doing(filter, async () => fillWith(await ask(null)));
  put(root, heading(words.clips.title), field(words.clips.filter, filter), list);
  fillWith(first);
}

/** Rows under the day they were sent; `none` where there are none. */
export function byDay(rows, { draw = (status) => clipRow(status), none = words.clips.none } = {}) {
  if (!rows.length) return el("p", { class: "empty", text: none });
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
