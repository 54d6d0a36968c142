/** Who is signed in, what fits, how to have the page like an app. */

import { remove } from "../api.js";
import { el, put } from "../dom.js";
import { confirmed } from "../dialogs.js";
import { forgetMe, ownerKey, whoAmI } from "../facts.js";
import { listPending } from "../pending.js";
import { go } from "../router.js";
import { drop } from "../sending.js";
import { forgetSessions, sessionsOf } from "../sessions.js";
import { sizeText, spanText } from "../text.js";
import { words } from "../words.js";
import { doing, heading } from "./common.js";

/** @type {(Event & {prompt(): Promise<unknown>})|null} */
let install = null;
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  install = /** @type {Event & {prompt(): Promise<unknown>}} */ (event); // not in every browser, so in no type library
});

export async function meView(root) {
  const me = await whoAmI({ anew: true });
  const { limits } = me;
  const out = el("button", {
    type: "button",
    class: "button wide",
    text: words.me.out,
    on: { click: () => signOut(out) },
  });
  const add =
    install &&
    el("button", {
      type: "button",
      class: "button wide",
      text: words.me.install,
      on: { click: () => install?.prompt() },
    });
  put(
    root,
    heading(words.me.title),
    el(
      "dl",
      { class: "facts card" },
      el("dt", { text: words.me.owner }),
      el("dd", { text: me.owner }),
      el("dt", { text: words.me.address }),
      el("dd", { text: location.origin }),
      el("dt", { text: words.me.limits }),
      el("dd", {
        text: `${words.me.size(sizeText(limits.max_upload_bytes))}, ${words.me.length(spanText(limits.max_duration_s))}`,
      }),
    ),
    el("p", { text: words.me.kept }),
    el("p", { text: window.isSecureContext ? words.me.installed : words.me.plain }),
    add,
    me.auth === "sign_in" ? out : el("p", { class: "quiet", text: words.me.local }),
  );
}

async function signOut(button) {
  const owner = ownerKey();
  const pending = listPending(owner);
  const told = [pending.length && words.me.draft, sessionsOf(owner).length && words.session.signOut].filter(Boolean);
  if (told.length && !(await confirmed(words.me.out, told.join(" "), words.me.out))) return;
  await doing(button, async () => {
    for (const entry of pending) await drop(entry);
    await remove("sign-ins/current");
    forgetSessions((one) => one.owner === owner);
    forgetMe();
    go("sign-in");
  });
}
