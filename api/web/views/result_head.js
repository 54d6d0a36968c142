/** The head of a result: its movement as a menu, the details as a line, the first thing they can do. */

import { Told } from "../api.js";
import { changeDetails, whenMeasured } from "../details.js";
import { announce, el, focusIn, put } from "../dom.js";
import { movementTitle } from "../facts.js";
import { show, stillShown } from "../router.js";
import { words } from "../words.js";
import { detailsLine } from "./clip_details.js";
import { problemBox } from "./common.js";
import { movementHeading } from "./movement_menu.js";

const said = words.details.movement;

/**
 * The head, and what ends its waiting. A correction shows the whole view again once it is in the result.
 * @param {object} of
 * @param {HTMLElement} of.root of the view
 * @param {any} of.status the analysis
 * @param {any} of.result
 * @param {import("../facts.js").Movement[]} of.known
 * @param {{name: string}|null} of.client
 * @param {HTMLElement} of.lead the first thing they can do
 */
export function resultHead({ root, status, result, known, client, lead }) {
  const told = el("div", {});
  /** @type {ReturnType<typeof whenMeasured>|null} */
  let waiting = null;

  async function redraw() {
    await show();
    focusIn(document.body, ".title-menu button", { preventScroll: true });
    const title = document.querySelector(".title-menu")?.textContent;
    if (title) announce(said.now(title));
  }

  /**
   * Say `text` until every change is in the result, then show that.
   * @param {string} text
   */
  async function remeasure(text) {
    waiting?.stop();
    waiting = whenMeasured(status.id);
    put(told, el("p", { class: "quiet", role: "status", text }));
    const now = await waiting.settled;
    if (!stillShown(root)) return undefined;
    if (!now.remeasure_error) return redraw();
    return put(told, problemBox(new Told(null, `${said.refused} ${now.remeasure_error.text}`)));
  }

  /** @param {string} movement a name, or "auto" */
  async function choose(movement) {
    const text = movement === "auto" ? said.guessing : said.measuring(movementTitle(movement));
    put(told, el("p", { class: "quiet", role: "status", text }));
    try {
      await changeDetails(status.id, { movement });
      await remeasure(text);
    } catch (problem) {
      put(told, problemBox(problem));
    }
  }

  const changed = (now) => (now.remeasuring ? remeasure(words.details.sheet.measuring) : redraw());
  if (status.remeasuring && status.movement !== result.movement.name)
    remeasure(said.measuring(movementTitle(status.movement)));
  return {
    node: el(
      "div",
      { class: "result-head" },
      movementHeading(result, known, choose),
      detailsLine(status, client, changed),
      told,
      lead,
    ),
    close: () => waiting?.stop(),
  };
}
