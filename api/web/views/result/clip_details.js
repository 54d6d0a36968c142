/** Client, variant, load, height and note of a clip that was sent already: a line, and the sheet that changes them. */

import { updateAnalysis } from "../../core/analysis_updates.js";
import { getAllItems } from "../../core/api_client.js";
import { openSheet } from "../../core/dialogs.js";
import { el, field } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { getMovement } from "../../core/movement_list.js";
import { formatLoad } from "../../core/vocabulary.js";
import { messages } from "../../text/messages.js";
import { parseHeightCm, parseLoadKg } from "../../text/number_parsing.js";
import { createClientFields, noteInput, numberInput, setVariants } from "../clip_fields.js";
import { button, runAction } from "../page_parts.js";

/**
 * Build the line with the details, as a button that opens the sheet.
 * @param {any} status of the analysis
 * @param {{name: string}|null} client
 * @param {(status: any) => unknown} onChanged called with the status after a change
 */
export function buildDetailsLine(status, client, onChanged) {
  const facts = [client?.name, status.load_kg !== null && formatLoad(status.load_kg), status.note].filter(Boolean);
  const openDetails = async () => {
    const changed = await openDetailsSheet(status);
    if (changed) onChanged(changed);
  };
  return el(
    "button",
    {
      type: "button",
      class: "plain details-line",
      "aria-haspopup": "dialog",
      "aria-label": [messages.common.details, ...facts].join(": "),
      on: { click: openDetails },
    },
    icon("change"),
    el("span", { text: facts.length ? facts.join(" · ") : messages.clipDetails.add }),
  );
}

/**
 * Open the form for the details.
 * @param {any} status
 * @returns {Promise<any>} the status after the change; undefined if dismissed or nothing was changed
 */
async function openDetailsSheet(status) {
  const clients = await getAllItems("clients?limit=200").catch(() => []);
  const variants = getMovement(status.movement)?.variants ?? [];
  return openSheet(messages.common.details, (close) => {
    const clientFields = createClientFields();
    clientFields.setClients(clients, status.client);
    const variant = el("select", {});
    setVariants(variant, [...new Set([...variants, status.variant].filter(Boolean))]);
    variant.value = status.variant ?? "";
    const [load, height] = [numberInput(status.load_kg), numberInput(status.height_cm)];
    const note = noteInput(status.note);
    const save = async () => {
      const fields = getChangedFields(status, {
        client: clientFields.getClient(),
        variant: variant.value || null,
        load_kg: parseLoadKg(load.value),
        height_cm: parseHeightCm(height.value),
        note: note.value.trim() || null,
      });
      close(Object.keys(fields).length ? await updateAnalysis(status.id, fields) : undefined);
    };
    const saveButton = button(messages.common.save, () => runAction(saveButton, save), "primary wide");
    return [
      clientFields.nodes,
      variant.options.length > 1 && field(messages.newClip.variant, variant),
      field(messages.newClip.load, load),
      field(messages.clipDetails.height, height, messages.clipDetails.heightHint),
      field(messages.common.note, note, messages.newClip.noteHint),
      el("div", { class: "sheet-actions" }, saveButton),
    ];
  });
}

/**
 * Get the fields that differ from the current ones; a missing field equals null.
 * @param {Record<string, unknown>} current
 * @param {Record<string, unknown>} fields
 */
export const getChangedFields = (current, fields) =>
  Object.fromEntries(Object.entries(fields).filter(([name, value]) => (current[name] ?? null) !== value));
