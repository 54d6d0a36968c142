/** Sheets that come up from the bottom, and questions that need a yes; focus goes in and comes back by <dialog>. */

import { el, focusIn, toastTo } from "./dom.js";
import { icon } from "./icons.js";
import { words } from "./words.js";

let number = 0;

/**
 * Open a sheet. The promise gives what `close` was given, undefined if left.
 * @param {string} title
 * @param {(close: (value?: unknown) => void) => import("./dom.js").Child} build gives its content
 * @returns {Promise<any>}
 */
export function sheet(title, build) {
  return new Promise((resolve) => {
    const titleId = `sheet-${++number}`;
    /** @type {unknown} */
    let answer;
    const dialog = el("dialog", { class: "sheet", "aria-labelledby": titleId });
    const close = (value) => {
      answer = value;
      dialog.close();
    };
    const shut = el(
      "button",
      { type: "button", class: "plain round", "aria-label": words.common.close, on: { click: () => close() } },
      icon("close"),
    );
    dialog.append(
      el("div", { class: "sheet-head" }, el("h2", { id: titleId, tabindex: "-1", text: title }), shut),
      el("div", { class: "sheet-body" }, build(close)),
      el("div", { class: "visually-hidden sheet-live", role: "status" }),
    );
    dialog.addEventListener("close", () => {
      toastTo(document.body);
      dialog.remove();
      resolve(answer);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) close();
    });
    document.body.append(dialog);
    dialog.showModal();
    focusIn(dialog, "h2", { preventScroll: true });
  });
}

/**
 * Ask before something that cannot be taken back.
 * @param {string} title
 * @param {string} text
 * @param {string} action
 */
export async function confirmed(title, text, action) {
  const answer = await sheet(title, (close) => [
    el("p", { text }),
    el(
      "div",
      { class: "row end" },
      el("button", { type: "button", class: "button", text: words.common.keep, on: { click: () => close(false) } }),
      el("button", { type: "button", class: "button careful", text: action, on: { click: () => close(true) } }),
    ),
  ]);
  return answer === true;
}
