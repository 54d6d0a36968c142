/** Client, variant, load, height and note of a clip that was sent already: one line, and the sheet that changes them. */

import { everyRow, Told } from "../api.js";
import { changedFields, changeDetails } from "../details.js";
import { sheet } from "../dialogs.js";
import { el, field, put } from "../dom.js";
import { movements } from "../facts.js";
import { icon } from "../icons.js";
import { plainName } from "../text.js";
import { words } from "../words.js";
import { doing } from "./common.js";
import { loadOf } from "./home.js";

const said = words.details.sheet;
const NEW = "new";

/**
 * What is known of the clip, as a button.
 * @param {any} status the analysis
 * @param {{name: string}|null} client
 * @param {(now: any) => unknown} changed called with the analysis after a change
 */
export function detailsLine(status, client, changed) {
  const facts = [client?.name, status.load_kg !== null && words.result.load(status.load_kg), status.note].filter(
    Boolean,
  );
  return el(
    "button",
    {
      type: "button",
      class: "plain details-line",
      "aria-haspopup": "dialog",
      "aria-label": [words.details.sheet.title, ...facts].join(": "),
      on: {
        click: async () => {
          const now = await detailsSheet(status);
          if (now) changed(now);
        },
      },
    },
    icon("change"),
    el("span", { text: facts.length ? facts.join(" · ") : said.add }),
  );
}

/**
 * Ask for the details; gives the analysis after the change, undefined if left or nothing changed.
 * @param {any} status
 */
async function detailsSheet(status) {
  const [clients, known] = await Promise.all([everyRow("clients?limit=200").catch(() => []), movements()]);
  const variants = known.find((one) => one.name === status.movement)?.variants ?? [];
  return sheet(said.title, (close) => {
    const option = (value, text) => el("option", { value, text });
    const who = el("select", {}, option("", words.common.noClient), option(NEW, words.home.newClient));
    who.append(...clients.map((one) => option(one.id, one.name)));
    who.value = status.client ?? "";
    const name = el("input", { type: "text", maxlength: "120", autocomplete: "off" });
    const nameField = field(words.home.newClientName, name);
    nameField.hidden = true;
    who.addEventListener("change", () => {
      nameField.hidden = who.value !== NEW;
      if (!nameField.hidden) name.focus();
    });
    const variant = el("select", {});
    put(
      variant,
      option("", words.home.anyVariant),
      [...new Set([...variants, status.variant].filter(Boolean))].map((one) => option(one, plainName(one))),
    );
    variant.value = status.variant ?? "";
    const number = (value) =>
      el("input", { type: "text", inputmode: "decimal", autocomplete: "off", maxlength: "7", value: value ?? "" });
    const [load, height] = [number(status.load_kg), number(status.height_cm)];
    const note = el("textarea", { rows: "2", maxlength: "2000", value: status.note ?? "" });
    const wanted = () => ({
      client: (who.value === NEW ? name.value.trim() : who.value) || null,
      variant: variant.value || null,
      load_kg: loadOf(load.value),
      height_cm: heightOf(height.value),
      note: note.value.trim() || null,
    });
    const save = el("button", {
      type: "button",
      class: "button primary wide",
      text: words.common.save,
      on: {
        click: () =>
          doing(save, async () => {
            const fields = changedFields(status, wanted());
            close(Object.keys(fields).length ? await changeDetails(status.id, fields) : undefined);
          }),
      },
    });
    return [
      field(words.home.client, who),
      nameField,
      variant.options.length > 1 && field(words.home.variant, variant),
      field(words.home.load, load),
      field(said.height, height, said.heightHint),
      field(words.home.note, note, words.home.noteHint),
      el("div", { class: "sheet-actions" }, save),
    ];
  });
}

/**
 * A height as typed, in cm; null where none was. Throws Told.
 * @param {string} text
 */
function heightOf(text) {
  if (!text.trim()) return null;
  const height = Number(text.trim().replace(",", "."));
  if (!(height >= 50 && height <= 272)) throw new Told(null, said.badHeight);
  return height;
}
