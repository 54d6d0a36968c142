/** The signed-in phones of the account: rename them, and sign out a lost one. */

import { get, remove, request } from "../core/api_client.js";
import { confirmAction, openSheet } from "../core/dialogs.js";
import { el, field, setChildren, showToast } from "../core/dom.js";
import { formatDate } from "../text/formatting.js";
import { messages } from "../text/messages.js";
import { button, problemBox, runAction } from "./page_parts.js";

const MAX_NAME_CHARS = 120; // as the service accepts it

/**
 * @typedef {object} Phone a signed-in browser, as GET /v1/sign-ins lists it
 * @property {string} id
 * @property {string} name
 * @property {boolean} current
 * @property {string|null} last_used_at
 * @property {string} expires_at
 */

/** Build the section with the signed-in phones; it is filled once they are loaded. */
export function buildPhonesSection() {
  const list = el("div", {});

  async function drawList() {
    try {
      const { items } = await get("sign-ins");
      setChildren(
        list,
        items.length
          ? el("ul", { class: "plain-list card" }, items.map(buildRow))
          : el("p", { class: "quiet", text: messages.phones.none }),
      );
    } catch (error) {
      setChildren(list, problemBox(error));
    }
  }

  /** @param {Phone} phone */
  function buildRow(phone) {
    const revoke = async () => {
      if (!(await confirmAction(messages.phones.revoke, messages.phones.confirm(phone.name), messages.phones.revoke)))
        return;
      await remove(`sign-ins/${phone.id}`);
      showToast(messages.phones.revoked(phone.name));
      await drawList();
    };
    const rename = async () => {
      if (await openRenameSheet(phone)) await drawList();
    };
    const revokeButton = button(messages.phones.revoke, () => runAction(revokeButton, revoke), "small", {
      "aria-label": messages.phones.revokeOne(phone.name),
    });
    const renameButton = button(messages.phones.rename, rename, "small", {
      "aria-label": messages.phones.renameOne(phone.name),
    });
    const used = phone.last_used_at ? messages.phones.lastUsed(formatDate(phone.last_used_at)) : "";
    const until = messages.phones.until(formatDate(phone.expires_at));
    return el(
      "li",
      { class: "phone" },
      el("strong", { text: phone.name }),
      el("span", { class: "quiet", text: phone.current ? messages.phones.current : used }),
      el("span", { class: "quiet", text: until }),
      el("div", { class: "row" }, renameButton, !phone.current && revokeButton),
    );
  }

  drawList();
  return el("section", {}, el("h2", { text: messages.phones.title }), list);
}

/**
 * Ask for a new name and store it.
 * @param {Phone} phone
 * @returns {Promise<boolean>} whether it was renamed
 */
async function openRenameSheet(phone) {
  const answer = await openSheet(messages.phones.rename, (close) => {
    const name = el("input", { type: "text", value: phone.name, maxlength: MAX_NAME_CHARS, required: true });
    const saveButton = el("button", { type: "submit", class: "button primary wide", text: messages.common.save });
    const save = async () => {
      await request("PATCH", `sign-ins/${phone.id}`, { body: { name: name.value.trim() } });
      close(true);
    };
    const submit = (event) => {
      event.preventDefault();
      runAction(saveButton, save);
    };
    return el("form", { on: { submit } }, field(messages.phones.name, name), saveButton);
  });
  return answer === true;
}
