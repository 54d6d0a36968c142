/** Modal sheets and confirmations, on the <dialog> element, which also moves the focus in and back. */

import { messages } from "../text/messages.js";
import { el, focusFirst, moveToast } from "./dom.js";
import { icon } from "./icons.js";

let sheetCount = 0;

/**
 * Open a modal sheet.
 * @param {string} title
 * @param {(close: (value?: unknown) => void) => import("./dom.js").Child} build creates its content
 * @returns {Promise<any>} the value passed to `close`; undefined if it was dismissed
 */
export function openSheet(title, build) {
  return new Promise((resolve) => {
    const titleId = `sheet-${++sheetCount}`;
    /** @type {unknown} */
    let answer;
    const dialog = el("dialog", { class: "sheet", "aria-labelledby": titleId });
    const close = (value) => {
      answer = value;
      dialog.close();
    };
    const closeButton = el(
      "button",
      { type: "button", class: "plain round", "aria-label": messages.common.close, on: { click: () => close() } },
      icon("close"),
    );
    dialog.append(
      el("div", { class: "sheet-head" }, el("h2", { id: titleId, tabindex: "-1", text: title }), closeButton),
      el("div", { class: "sheet-body" }, build(close)),
      el("div", { class: "visually-hidden sheet-live", role: "status" }),
    );
    dialog.addEventListener("close", () => {
      moveToast(document.body);
      dialog.remove();
      resolve(answer);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) close();
    });
    document.body.append(dialog);
    dialog.showModal();
    focusFirst(dialog, "h2", { preventScroll: true });
  });
}

/**
 * Ask for confirmation before something that cannot be undone.
 * @param {string} title
 * @param {string} text
 * @param {string} action
 */
export async function confirmAction(title, text, action) {
  const answer = await openSheet(title, (close) => [
    el("p", { text }),
    el(
      "div",
      { class: "row end" },
      el("button", { type: "button", class: "button", text: messages.common.keep, on: { click: () => close(false) } }),
      el("button", { type: "button", class: "button careful", text: action, on: { click: () => close(true) } }),
    ),
  ]);
  return answer === true;
}
