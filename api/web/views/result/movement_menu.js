/** The title of a result as a menu: likely movements, all others, or detecting the movement again. */

import { openSheet } from "../../core/dialogs.js";
import { el } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { getMovements, getMovementTitle } from "../../core/movement_list.js";
import { formatNumber } from "../../core/vocabulary.js";
import { messages } from "../../text/messages.js";
import { button } from "../page_parts.js";

/**
 * Build the heading of a result.
 * @param {any} result
 * @param {(name: string) => unknown} onChoose called with another movement, or "auto"
 */
export function buildMovementHeading(result, onChoose) {
  const { name, variant } = result.movement;
  const isUnknown = name === "unknown";
  const openMenu = async () => {
    const chosen = await openMovementSheet(result);
    if (chosen) onChoose(chosen);
  };
  const title = el(
    "h1",
    { class: "title-menu" },
    el(
      "button",
      {
        type: "button",
        class: "plain",
        "aria-haspopup": "dialog",
        title: messages.movementMenu.hint,
        on: { click: openMenu },
      },
      el("span", { text: isUnknown ? messages.movementMenu.question : getMovementTitle(name, variant) }),
      icon("down"),
    ),
  );
  return isUnknown ? [title, buildShortcuts(result, onChoose, openMenu)] : [title];
}

/**
 * Build the buttons of an unknown movement: its alternatives, each one tap away, and the menu.
 * @param {any} result
 * @param {(name: string) => unknown} onChoose
 * @param {() => unknown} openMenu
 */
function buildShortcuts(result, onChoose, openMenu) {
  const texts = messages.movementMenu;
  const alternatives = result.movement.alternatives ?? [];
  return el(
    "div",
    { class: "row shortcuts", role: "group", "aria-label": texts.question },
    alternatives.map(({ name }) => button(getMovementTitle(name), () => onChoose(name))),
    button(alternatives.length ? texts.other : texts.choose, openMenu, alternatives.length ? "" : "primary", {
      "aria-haspopup": "dialog",
    }),
  );
}

/**
 * Ask which movement it is.
 * @param {any} result
 * @returns {Promise<string|undefined>} its name, "auto" to detect it, undefined if the sheet was dismissed
 */
function openMovementSheet(result) {
  const texts = messages.movementMenu;
  const { name: current, source, alternatives = [] } = result.movement;
  const listed = new Set([current, ...alternatives.map(({ name }) => name)]);
  const others = getMovements().filter(({ name }) => !listed.has(name));
  return openSheet(texts.title, (close) => {
    const buildRow = (name, text, note = "") =>
      el(
        "li",
        {},
        el(
          "button",
          { type: "button", class: "line-link", on: { click: () => close(name) } },
          el("span", { text }),
          note && el("span", { class: "quiet", text: note }),
        ),
      );
    const buildGroup = (title, rows) =>
      rows.length ? [el("h3", { text: title }), el("ul", { class: "plain-list" }, rows)] : [];
    return [
      buildGroup(
        texts.likely,
        alternatives.map(({ name, confidence }) =>
          buildRow(name, getMovementTitle(name), formatNumber(confidence, "share")),
        ),
      ),
      buildGroup(
        texts.others,
        others.map(({ name }) => buildRow(name, getMovementTitle(name))),
      ),
      source === "given" && el("ul", { class: "plain-list again" }, buildRow("auto", texts.detect)),
    ];
  });
}
