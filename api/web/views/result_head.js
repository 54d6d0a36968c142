/** The head of a result: its movement as a menu, the details as a line, the first thing they can do. */

import { changeDetails, whenMeasured } from "../details.js";
import { announce, el, put } from "../dom.js";
import { movementTitle } from "../facts.js";
import { show, stillShown } from "../router.js";
import { words } from "../words.js";
import { detailsLine } from "./clip_details.js";
import { problemBox } from "./common.js";
import { movementHeading } from "./movement_menu.js";

const said = words.details.movement;

/** {node, close}; `lead` is drawn last. A correction shows the whole view again once it is in the result. */
export function resultHead({ root, status, result, known, client, lead }) {
  const told = el("div", {});
  let waiting = null;

  async function redraw() {
    await show();
    const menu = document.querySelector(".title-menu button");
    menu?.focus({ preventScroll: true });
    if (menu) announce(said.now(menu.textContent));
  }

  /** Say `text` until every change is in the result, then show that. */
  async function remeasure(text) {
    waiting?.stop();
    waiting = whenMeasured(status.id);
    put(told, el("p", { class: "quiet", role: "status", text }));
    const now = await waiting.settled;
    if (!stillShown(root)) return undefined;
    if (!now.remeasure_error) return redraw();
    return put(told, problemBox({ name: "Told", message: `${said.refused} ${now.remeasure_error.text}` }));
  }

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
