/** Signing in with a key; a pairing link needs none. */

import { ApiError, getErrorStatus, post } from "../core/api_client.js";
import { forgetUser } from "../core/current_user.js";
import { el, field, setChildren } from "../core/dom.js";
import { messages } from "../text/messages.js";
import { heading, runAction } from "./page_parts.js";

/**
 * @param {HTMLElement} root
 * @param {() => unknown} onSignedIn
 */
export function renderSignInView(root, onSignedIn) {
  const key = el("input", {
    type: "password",
    name: "key",
    autocomplete: "current-password",
    required: true,
    autocapitalize: "off",
    spellcheck: "false",
  });
  const showKey = el("input", {
    type: "checkbox",
    on: {
      change: () => {
        key.type = showKey.checked ? "text" : "password";
      },
    },
  });
  const submitButton = el("button", { type: "submit", class: "button primary wide", text: messages.signIn.submit });
  const signIn = async () => {
    try {
      await post("sign-ins", { key: key.value.trim() }, { quiet: true });
    } catch (error) {
      if (getErrorStatus(error) === 401) throw new ApiError(401, messages.signIn.refused);
      throw error;
    }
    forgetUser();
    onSignedIn();
  };
  const submit = (event) => {
    event.preventDefault();
    runAction(submitButton, signIn);
  };
  const form = el(
    "form",
    { class: "card", on: { submit } },
    // For password managers, which store a key under a name.
    el("input", { type: "text", name: "username", autocomplete: "username", value: messages.app, hidden: true }),
    field(messages.signIn.key, key, messages.signIn.keyHint),
    el("label", { class: "tick" }, showKey, el("span", { text: messages.signIn.show })),
    submitButton,
  );
  setChildren(root, heading(messages.signIn.title), el("p", { text: messages.signIn.text }), form);
}
