/** Links to the client's page: make, copy, send, see until when, take back. */

import { get, post, remove } from "../api.js";
import { sheet } from "../dialogs.js";
import { copyText, el, focusIn, put, toast } from "../dom.js";
import { dateText } from "../text.js";
import { words } from "../words.js";
import { doing, problemBox } from "./common.js";

export function shareSheet(status) {
  const path = `analyses/${status.id}/shares`;
  const fresh = el("div", {});
  const list = el("div", {});
  const make = el("button", {
    type: "button",
    class: "button primary wide",
    text: words.share.make,
    on: {
      click: () =>
        doing(make, async () => {
          const share = await post(path, {});
          put(fresh, freshLink(share));
          focusIn(fresh, "button");
          await draw();
        }),
    },
  });

  async function draw() {
    try {
      const { items } = await get(path);
      const open = items.filter((one) => !one.revoked_at && Date.parse(one.expires_at) > Date.now());
      put(
        list,
        open.length ? [el("h3", { text: words.share.links }), el("ul", { class: "plain-list" }, open.map(row))] : null,
      );
    } catch (told) {
      put(list, problemBox(told));
    }
  }

  function row(share) {
    const take = el("button", {
      type: "button",
      class: "button small",
      text: words.share.revoke,
      on: {
        click: () =>
          doing(take, async () => {
            await remove(`${path}/${share.id}`);
            if (fresh.dataset.share === share.id) put(fresh);
            toast(words.share.revoked);
            await draw();
          }),
      },
    });
    return el(
      "li",
      { class: "event" },
      el(
        "span",
        { class: "share-facts" },
        el("span", { text: words.share.from(dateText(share.created_at)) }),
        el("span", { class: "quiet", text: words.share.until(dateText(share.expires_at)) }),
      ),
      take,
    );
  }

  function freshLink(share) {
    fresh.dataset.share = share.id;
    const url = new URL(share.url, location.href).href;
    const shown = el("input", {
      type: "text",
      readonly: true,
      value: url,
      "aria-label": words.share.link,
      class: "link-field",
      on: { focus: (event) => event.target.select() },
    });
    return el(
      "div",
      {},
      shown,
      el("p", { class: "quiet", text: `${words.share.once} ${words.share.until(dateText(share.expires_at))}.` }),
      el(
        "div",
        { class: "row" },
        el("button", {
          type: "button",
          class: "button primary",
          text: words.share.copy,
          on: { click: async () => toast((await copyText(url)) ? words.share.copied : words.share.notCopied) },
        }),
        navigator.share &&
          el("button", {
            type: "button",
            class: "button",
            text: words.share.send,
            on: {
              click: () => navigator.share({ title: words.app, text: words.share.message, url }).catch(() => null),
            },
          }),
      ),
    );
  }

  draw();
  return sheet(words.share.title, () => [el("p", { text: words.share.text }), fresh, make, list]);
}
