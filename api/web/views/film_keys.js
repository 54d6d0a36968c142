/** The keys of the camera view, and its way back: neither leaves a filmed clip behind without a question. */

import { getElement } from "../core/dom.js";

const CONTROLS = "a, button, input, label, select, textarea"; // they have keys of their own

/**
 * Listen to keys and to the back button until the returned function is called.
 * @param {object} actions
 * @param {() => void} actions.press space or Enter: as a tap on the main button
 * @param {() => void} actions.leave Escape, or the back button while something would be lost
 * @param {() => boolean} actions.wouldLose whether leaving loses something
 * @returns {() => void}
 */
export function bindFilmKeys({ press, leave, wouldLose }) {
  const back = getElement("back");
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (event.defaultPrevented || event.repeat || document.querySelector("dialog[open]")) return;
    const isPress = event.key === " " || event.key === "Enter";
    if (!(event.key === "Escape" || (isPress && !isControl(event.target)))) return;
    event.preventDefault();
    if (isPress) press();
    else leave();
  };
  /** @param {MouseEvent} event */
  const onBack = (event) => {
    if (!wouldLose()) return;
    event.preventDefault();
    leave();
  };
  document.addEventListener("keydown", onKey);
  back.addEventListener("click", onBack);
  return () => {
    document.removeEventListener("keydown", onKey);
    back.removeEventListener("click", onBack);
  };
}

/** @param {EventTarget|null} target */
const isControl = (target) => target instanceof Element && target.closest(CONTROLS) !== null;
