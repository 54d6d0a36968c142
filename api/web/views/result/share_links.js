/** Links to the client's page: create, copy, send and revoke them. */

import { get, post, remove } from "../../core/api_client.js";
import { openSheet } from "../../core/dialogs.js";
import { copyText, el, focusFirst, setChildren, showToast } from "../../core/dom.js";
import { formatDate } from "../../text/formatting.js";
import { messages } from "../../text/messages.js";
import { button, problemBox, runAction } from "../page_parts.js";

/** Open the sheet with the share links of an analysis. */
export function openShareSheet(status) {
  const path = `analyses/${status.id}/shares`;
  const newLink = el("div", {});
  const list = el("div", {});
  const createLink = async () => {
    const share = await post(path, {});
    setChildren(newLink, buildNewLink(share));
    newLink.dataset.share = share.id;
    focusFirst(newLink, "button");
    await drawList();
  };
  const createButton = button(messages.share.create, () => runAction(createButton, createLink), "primary wide");

  async function drawList() {
    try {
      const { items } = await get(path);
      const valid = items.filter(({ revoked_at, expires_at }) => !revoked_at && Date.parse(expires_at) > Date.now());
      setChildren(
        list,
        valid.length
          ? [el("h3", { text: messages.share.links }), el("ul", { class: "plain-list" }, valid.map(buildRow))]
          : null,
      );
    } catch (error) {
      setChildren(list, problemBox(error));
    }
  }

  function buildRow(share) {
    const revoke = async () => {
      await remove(`${path}/${share.id}`);
      if (newLink.dataset.share === share.id) setChildren(newLink);
      showToast(messages.share.revoked);
      await drawList();
    };
    const revokeButton = button(messages.share.revoke, () => runAction(revokeButton, revoke), "small");
    return el(
      "li",
      { class: "event" },
      el(
        "span",
        { class: "share-facts" },
        el("span", { text: messages.share.createdOn(formatDate(share.created_at)) }),
        el("span", { class: "quiet", text: messages.share.until(formatDate(share.expires_at)) }),
      ),
      revokeButton,
    );
  }

  drawList();
  return openSheet(messages.share.title, () => [el("p", { text: messages.share.text }), newLink, createButton, list]);
}

/** Build a link that was just created: its URL is shown only once. */
function buildNewLink(share) {
  const url = new URL(share.url, location.href).href;
  const copy = async () => showToast((await copyText(url)) ? messages.share.copied : messages.share.notCopied);
  const send = () => navigator.share({ title: messages.app, text: messages.share.message, url }).catch(() => null);
  return el(
    "div",
    {},
    el("input", {
      type: "text",
      readonly: true,
      value: url,
      "aria-label": messages.share.link,
      class: "link-field",
      on: { focus: (event) => event.target.select() },
    }),
    el("p", { class: "quiet", text: `${messages.share.once} ${messages.share.until(formatDate(share.expires_at))}.` }),
    el(
      "div",
      { class: "row" },
      button(messages.share.copy, copy, "primary"),
      "share" in navigator && button(messages.share.send, send),
    ),
  );
}
