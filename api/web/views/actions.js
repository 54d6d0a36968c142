/** What can be done with a result: compare, share, delete. */

import { pageOf, remove } from "../api.js";
import { confirmed, sheet } from "../dialogs.js";
import { el, put, toast } from "../dom.js";
import { icon } from "../icons.js";
import { go } from "../router.js";
import { words } from "../words.js";
import { clipRow, doing, growingList, problemBox } from "./common.js";
import { shareSheet } from "./sharing.js";

export function actionsRow(status, result) {
  const button = (name, text, act) =>
    el("button", { type: "button", class: "button tall", on: { click: act } }, icon(name), el("span", { text }));
  const gone = button("bin", words.result.remove, async () => {
    if (!(await confirmed(words.result.removeTitle, words.result.removeText, words.result.remove))) return;
    await doing(gone, async () => {
      await remove(`analyses/${status.id}`);
      toast(words.result.removed);
      go("clips", { replace: true });
    });
  });
  return el(
    "div",
    { class: "three" },
    button("compare", words.result.compare, () => pickOther(status, result)),
    button("share", words.result.share, () => shareSheet(status)),
    gone,
  );
}

/** Choose the clip to compare with: the same movement of the same person only. */
async function pickOther(status, result) {
  const box = el("div", {}, el("p", { class: "quiet", text: words.common.loading }));
  sheet(words.compare.choose, () => [box]);
  try {
    const whose = status.client ? `&client=${encodeURIComponent(status.client)}` : "";
    const movement = encodeURIComponent(result.movement.name);
    const path = `analyses?status=done&movement=${movement}${whose}&limit=50`;
    const draw = (rows, all) => {
      const others = rows.filter((one) => one.id !== status.id && one.client === status.client);
      if (!others.length && all) return el("p", { class: "empty", text: words.compare.none });
      return el(
        "ul",
        { class: "plain-list clip-list" },
        others.map((one) => otherRow(status, one)),
      );
    };
    put(
      box,
      growingList(await pageOf(path), (cursor) => pageOf(path, cursor), draw),
    );
  } catch (told) {
    put(box, problemBox(told));
  }
}

/** The earlier of the two comes first. */
function otherRow(status, other) {
  const row = clipRow(other, new Date(other.created_at).toLocaleDateString());
  const [a, b] =
    Date.parse(other.created_at) <= Date.parse(status.created_at) ? [other.id, status.id] : [status.id, other.id];
  row.querySelector("a")?.setAttribute("href", `#/compare/${a}/${b}`);
  return row;
}
