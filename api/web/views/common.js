/** What several views show: headings, waiting, problems, a clip in a list. */

import { Told, messageOf, partOf, statusOf } from "../api.js";
import { el, put } from "../dom.js";
import { movementTitle } from "../facts.js";
import { icon } from "../icons.js";
import { show } from "../router.js";
import { timeText } from "../text.js";
import { words } from "../words.js";

/** @param {string} text */
export const heading = (text) => el("h1", { text });

/** @param {Element} root */
export function waiting(root) {
  put(root, el("p", { class: "waiting", text: words.common.loading }));
}

/**
 * A problem in plain words, with what to do.
 * @param {unknown} told
 */
export function problemBox(told) {
  return el("div", { class: "problem", role: "alert" }, el("p", { text: messageOf(told) }));
}

/**
 * @param {Element} root
 * @param {unknown} told
 */
export function errorView(root, told) {
  const isGone = statusOf(told) === 404;
  put(
    root,
    heading(isGone ? words.problems.gone : words.problems.title),
    problemBox(told),
    el(
      "div",
      { class: "row" },
      !isGone &&
        el("button", { type: "button", class: "button", text: words.common.again, on: { click: () => show() } }),
      el("a", { class: "button", href: "#/", text: words.problems.home }),
    ),
  );
}

/**
 * Run something that a control asked for; the control waits, a problem is told beside it.
 * @template Result
 * @param {HTMLButtonElement | HTMLSelectElement | HTMLInputElement} button
 * @param {() => Promise<Result>} act
 */
export async function doing(button, act) {
  const spot = button.closest(".row") ?? button;
  if (spot.previousElementSibling?.matches(".problem")) spot.previousElementSibling.remove();
  const focused = document.activeElement === button;
  button.disabled = true;
  try {
    return await act();
  } catch (told) {
    if (!(told instanceof Told)) console.error(told);
    spot.before(problemBox(told));
    return undefined;
  } finally {
    button.disabled = false;
    if (focused && document.activeElement === document.body) button.focus({ preventScroll: true });
  }
}

/**
 * A list that grows when asked to: `first` is its first page, `ask(cursor)` gives the next, `draw(rows, all)` the nodes
 * of what is there so far; `all` tells whether that is everything.
 * @template Row
 * @typedef {{items: Row[], next_cursor: string|null}} Page
 */

/**
 * @template Row
 * @param {Page<Row>} first
 * @param {(cursor: string|null) => Promise<Page<Row>>} ask
 * @param {(rows: Row[], all: boolean) => import("../dom.js").Child} draw
 */
export function growingList(first, ask, draw) {
  const box = el("div", {});
  let rows = first.items;
  let next = first.next_cursor;
  const more = el("button", {
    type: "button",
    class: "button wide",
    text: words.common.more,
    on: {
      click: () =>
        doing(more, async () => {
          const page = await ask(next);
          rows = [...rows, ...page.items];
          next = page.next_cursor;
          fill();
        }),
    },
  });
  const fill = () => put(box, draw(rows, !next), next && more);
  fill();
  return box;
}

/** The first thing said of a result, for lists. */
function firstSaid(status) {
  const findings = status.summary?.findings ?? [];
  return (findings.find((one) => one.kind === "can") ?? findings[0])?.text ?? null;
}

/**
 * One analysis as a row of a list.
 * @param {any} status
 * @param {string|null} [more] comes beneath its title
 */
export function clipRow(status, more = null) {
  const done = status.status === "done";
  const picture = done
    ? el("img", { src: partOf(status.id, "thumb"), alt: "", loading: "lazy", width: "72", height: "72" })
    : icon("clips", "icon large");
  const said = done ? firstSaid(status) : status.status === "failed" ? status.error?.text : null;
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
        el("strong", {
          text:
            done && status.movement !== "unknown"
              ? movementTitle(status.movement, status.variant)
              : (status.clip?.name ?? words.clips.untitled),
        }),
        el("span", {
          class: "quiet",
          text: [
            timeText(status.created_at),
            done ? null : words.clips.status[status.status],
            status.load_kg ? words.result.load(status.load_kg) : null,
            more,
          ]
            .filter(Boolean)
            .join(" · "),
        }),
        said && el("span", { class: "said", text: said }),
      ),
    ),
  );
}
