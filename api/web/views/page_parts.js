/** Parts that all views use: heading, waiting note, problem box, error page, and running the action of a button. */

import { ApiError, getErrorMessage, getErrorStatus } from "../core/api_client.js";
import { el, setChildren } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { renderRoute } from "../core/router.js";
import { messages } from "../text/messages.js";

/** @param {string} text */
export const heading = (text) => el("h1", { text });

/** @param {Element} root */
export function showWaiting(root) {
  setChildren(root, el("p", { class: "waiting", text: messages.common.loading }));
}

/**
 * Create a box with the message of an error.
 * @param {unknown} error
 */
export function problemBox(error) {
  return el("div", { class: "problem", role: "alert" }, el("p", { text: getErrorMessage(error) }));
}

/**
 * Show an error in place of a view, with what to do next.
 * @param {Element} root
 * @param {unknown} error
 */
export function showErrorPage(root, error) {
  const isNotFound = getErrorStatus(error) === 404;
  setChildren(
    root,
    heading(isNotFound ? messages.problems.notFound : messages.problems.title),
    problemBox(error),
    el(
      "div",
      { class: "row" },
      !isNotFound && button(messages.common.again, () => renderRoute()),
      el("a", { class: "button", href: "#/", text: messages.problems.home }),
    ),
  );
}

/**
 * Create a button with a text.
 * @param {string} text
 * @param {(event: any) => unknown} onClick
 * @param {string} [className] "primary", "small", ...
 * @param {import("../core/dom.js").Props} [props]
 */
export function button(text, onClick, className = "", props = {}) {
  return el("button", { type: "button", class: `button ${className}`, text, on: { click: onClick }, ...props });
}

/**
 * Create a button with an icon and a text.
 * @param {string} iconName
 * @param {string} text
 * @param {(event: any) => unknown} onClick
 * @param {string} [className]
 */
export function iconButton(iconName, text, onClick, className = "") {
  return el(
    "button",
    { type: "button", class: `button ${className}`, on: { click: onClick } },
    icon(iconName),
    el("span", { text }),
  );
}

/**
 * Run the action of a control, which is disabled meanwhile. An error is shown beside it.
 * @template Result
 * @param {HTMLButtonElement | HTMLSelectElement | HTMLInputElement} control
 * @param {() => Promise<Result>} action
 * @returns {Promise<Result | undefined>} undefined after an error
 */
export async function runAction(control, action) {
  const anchor = control.closest(".row") ?? control;
  if (anchor.previousElementSibling?.matches(".problem")) anchor.previousElementSibling.remove();
  const hadFocus = document.activeElement === control;
  control.disabled = true;
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ApiError)) console.error(error);
    anchor.before(problemBox(error));
    return undefined;
  } finally {
    control.disabled = false;
    if (hadFocus && document.activeElement === document.body) control.focus({ preventScroll: true });
  }
}
