/** The header of a result: its movement as a menu, the details of the clip, key measures, and the first thing they can do. */

import { updateAnalysis, waitForRemeasurement } from "../../core/analysis_updates.js";
import { ApiError } from "../../core/api_client.js";
import { announce, el, focusFirst, setChildren } from "../../core/dom.js";
import { getMovementTitle } from "../../core/movement_list.js";
import { isShown, renderRoute } from "../../core/router.js";
import { messages } from "../../text/messages.js";
import { problemBox } from "../page_parts.js";
import { buildDetailsLine } from "./clip_details.js";
import { buildMovementHeading } from "./movement_menu.js";

/**
 * Create the header. After a correction the whole view is shown again, once the correction is in the result.
 * @param {object} options
 * @param {HTMLElement} options.root of the view
 * @param {any} options.status of the analysis
 * @param {any} options.result
 * @param {{name: string}|null} options.client
 * @param {HTMLElement} options.lead key measures, and the first thing they can do
 */
export function createResultHeader({ root, status, result, client, lead }) {
  const texts = messages.movementMenu;
  const notes = el("div", {});
  /** @type {ReturnType<typeof waitForRemeasurement>|null} */
  let remeasurement = null;
  const showNote = (text) => setChildren(notes, el("p", { class: "quiet", role: "status", text }));

  async function redraw() {
    await renderRoute();
    focusFirst(document.body, ".title-menu button", { preventScroll: true });
    const title = document.querySelector(".title-menu")?.textContent;
    if (title) announce(texts.measured(title));
  }

  /**
   * Show a note until all changes are in the result, then show that result.
   * @param {string} text
   */
  async function awaitResult(text) {
    remeasurement?.stop();
    remeasurement = waitForRemeasurement(status.id);
    showNote(text);
    const { remeasure_error } = await remeasurement.settled;
    if (!isShown(root)) return undefined;
    if (!remeasure_error) return redraw();
    return setChildren(notes, problemBox(new ApiError(null, `${texts.refused} ${remeasure_error.text}`)));
  }

  /** @param {string} movement a name, or "auto" */
  async function setMovement(movement) {
    const text = movement === "auto" ? texts.detecting : texts.measuring(getMovementTitle(movement));
    showNote(text);
    try {
      await updateAnalysis(status.id, { movement });
      await awaitResult(text);
    } catch (error) {
      setChildren(notes, problemBox(error));
    }
  }

  const onDetailsChanged = ({ remeasuring }) => (remeasuring ? awaitResult(messages.clipDetails.measuring) : redraw());
  if (status.remeasuring && status.movement !== result.movement.name)
    awaitResult(texts.measuring(getMovementTitle(status.movement)));
  return {
    node: el(
      "div",
      { class: "result-head" },
      buildMovementHeading(result, setMovement),
      buildDetailsLine(status, client, onDetailsChanged),
      notes,
      lead,
    ),
    close: () => remeasurement?.stop(),
  };
}
