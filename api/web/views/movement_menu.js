/** The title of a result as a menu: what else it may be, every other movement, or let it guess again. */

import { sheet } from "../dialogs.js";
import { el } from "../dom.js";
import { movementTitle } from "../facts.js";
import { icon } from "../icons.js";
import { words } from "../words.js";

const said = words.details.movement;

/**
 * The heading of a result.
 * @param {any} result
 * @param {import("../facts.js").Movement[]} known
 * @param {(name: string) => unknown} choose called with another movement, or "auto"
 */
export function movementHeading(result, known, choose) {
  const { name, variant } = result.movement;
  const unknown = name === "unknown";
  const open = async () => {
    const chosen = await movementSheet(result, known);
    if (chosen) choose(chosen);
  };
  const title = el(
    "h1",
    { class: "title-menu" },
    el(
      "button",
      { type: "button", class: "plain", "aria-haspopup": "dialog", title: said.hint, on: { click: open } },
      el("span", { text: unknown ? said.what : movementTitle(name, variant) }),
      icon("down"),
    ),
  );
  return unknown ? [title, shortcuts(result, choose, open)] : [title];
}

/**
 * What an unknown clip may be, each one tap away.
 * @param {any} result
 * @param {(name: string) => unknown} choose
 * @param {() => unknown} open the whole menu
 */
function shortcuts(result, choose, open) {
  const alternatives = result.movement.alternatives ?? [];
  return el(
    "div",
    { class: "row shortcuts", role: "group", "aria-label": said.what },
    alternatives.map((one) =>
      el("button", {
        type: "button",
        class: "button",
        text: movementTitle(one.name),
        on: { click: () => choose(one.name) },
      }),
    ),
    el("button", {
      type: "button",
      class: alternatives.length ? "button" : "button primary",
      "aria-haspopup": "dialog",
      text: alternatives.length ? said.other : said.choose,
      on: { click: open },
    }),
  );
}

/**
 * Ask which movement it is; gives its name, "auto" to guess, undefined if left.
 * @param {any} result
 * @param {import("../facts.js").Movement[]} known
 */
function movementSheet(result, known) {
  const { name, source, alternatives = [] } = result.movement;
  const likely = alternatives.map((one) => ({ name: one.name, more: said.confidence(one.confidence) }));
  const taken = new Set([name, ...likely.map((one) => one.name)]);
  const others = known.filter((one) => !taken.has(one.name)).map((one) => ({ name: one.name, more: null }));
  return sheet(said.title, (close) => {
    const row = ({ name: value, more }, text = movementTitle(value)) =>
      el(
        "li",
        {},
        el(
          "button",
          { type: "button", class: "line-link", on: { click: () => close(value) } },
          el("span", { text }),
          more && el("span", { class: "quiet", text: more }),
        ),
      );
    const group = (heading, rows) =>
      rows.length
        ? [
            el("h3", { text: heading }),
            el(
              "ul",
              { class: "plain-list" },
              rows.map((one) => row(one)),
            ),
          ]
        : [];
    return [
      group(said.likely, likely),
      group(said.others, others),
      source === "given" && el("ul", { class: "plain-list again" }, row({ name: "auto", more: null }, said.guess)),
    ];
  });
}
