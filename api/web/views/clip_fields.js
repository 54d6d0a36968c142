/** Form fields for the details of a clip, shared by a new clip and one that was sent already. */

import { el, field, setChildren } from "../core/dom.js";
import { messages } from "../text/messages.js";
import { toReadableName } from "../text/words.js";

const NEW_CLIENT = "new";

/**
 * Create the fields that choose a client or name a new one.
 * @returns {{nodes: HTMLElement[], setClients: (clients: any[], chosen: string|null) => void,
 *   getClient: () => string|null}} `getClient` returns an id, the name of a new client, or null
 */
export function createClientFields() {
  const select = el(
    "select",
    {},
    el("option", { value: "", text: messages.common.noClient }),
    el("option", { value: NEW_CLIENT, text: messages.newClip.newClient }),
  );
  const name = el("input", { type: "text", maxlength: "120", autocomplete: "off" });
  const nameField = field(messages.newClip.newClientName, name);
  nameField.hidden = true;
  select.addEventListener("change", () => {
    nameField.hidden = select.value !== NEW_CLIENT;
    if (!nameField.hidden) name.focus();
  });
  return {
    nodes: [field(messages.newClip.client, select), nameField],
    setClients(clients, chosen) {
      select.append(...clients.map((client) => el("option", { value: client.id, text: client.name })));
      if (chosen) select.value = chosen;
    },
    getClient: () => (select.value === NEW_CLIENT ? name.value.trim() : select.value) || null,
  };
}

/**
 * Fill a select with the variants of a movement.
 * @param {HTMLSelectElement} select
 * @param {string[]} variants
 */
export function setVariants(select, variants) {
  setChildren(
    select,
    el("option", { value: "", text: messages.newClip.anyVariant }),
    variants.map((variant) => el("option", { value: variant, text: toReadableName(variant) })),
  );
}

/**
 * Create an input for a number; parse its value with number_parsing.js.
 * @param {number|string|null} [value]
 * @param {import("../core/dom.js").Props} [props]
 */
export function numberInput(value = null, props = {}) {
  return el("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    maxlength: "7",
    value: value ?? "",
    ...props,
  });
}

/** Create an input for a note. */
export const noteInput = (value = null) => el("textarea", { rows: "2", maxlength: "2000", value: value ?? "" });
