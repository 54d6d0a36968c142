/** Coming in with a key; a pairing link needs none. */

import { post, statusOf, Told } from "../api.js";
import { el, field, put } from "../dom.js";
import { forgetMe } from "../facts.js";
import { words } from "../words.js";
import { doing, heading } from "./common.js";

export function signInView(root, done) {
  const key = el("input", {
    type: "password",
    name: "key",
    autocomplete: "current-password",
    required: true,
    autocapitalize: "off",
    spellcheck: "false",
  });
  const show = el("input", {
    type: "checkbox",
    on: {
      change: () => {
        key.type = show.checked ? "text" : "password";
      },
    },
  });
  const button = el("button", { type: "submit", class: "button primary wide", text: words.signIn.go });
  const form = el(
    "form",
    {
      class: "card",
      on: {
        submit: (event) => {
          event.preventDefault();
          signIn();
        },
      },
    },
    el("input", { type: "text", name: "username", autocomplete: "username", value: words.app, hidden: true }),
    field(words.signIn.key, key, words.signIn.keyHint),
    el("label", { class: "tick" }, show, el("span", { text: words.signIn.show })),
    button,
  );
  put(root, heading(words.signIn.title), el("p", { text: words.signIn.text }), form);

  async function signIn() {
    await doing(button, async () => {
      try {
        await post("sign-ins", { key: key.value.trim() }, { quiet: true });
      } catch (told) {
        if (statusOf(told) === 401) throw new Told(401, words.signIn.refused);
        throw told;
      }
      forgetMe();
      done();
    });
  }
}
