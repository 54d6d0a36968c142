/** The account: who is signed in, the limits for clips, installing the page, signing out, and the signed-in phones. */

import { remove } from "../core/api_client.js";
import { forgetUser, getOwnerKey, getUser } from "../core/current_user.js";
import { confirmAction } from "../core/dialogs.js";
import { el, setChildren } from "../core/dom.js";
import { getInstallPrompt } from "../core/install_prompt.js";
import { navigate } from "../core/router.js";
import { discardChanges, hasUnsentChanges } from "../sessions/session_changes.js";
import { deleteStoredSessions, hasStoredSessions } from "../sessions/session_import.js";
import { forgetSessions, syncSessions } from "../sessions/session_store.js";
import { formatBytes, formatDuration } from "../text/formatting.js";
import { messages } from "../text/messages.js";
import { dropUpload } from "../upload/clip_upload.js";
import { listPendingUploads } from "../upload/pending_uploads.js";
import { button, heading, runAction } from "./page_parts.js";
import { buildPhonesSection } from "./signed_in_phones.js";

/** Render the view of the account. */
export async function renderAccountView(root) {
  const user = await getUser({ refresh: true });
  const { max_upload_bytes, max_duration_s } = user.limits;
  const size = messages.account.size(formatBytes(max_upload_bytes));
  const length = messages.account.length(formatDuration(max_duration_s));
  const install = getInstallPrompt();
  const signOutButton = button(messages.account.signOut, () => signOut(signOutButton), "wide");
  setChildren(
    root,
    heading(messages.account.title),
    el(
      "dl",
      { class: "facts card" },
      el("dt", { text: messages.account.owner }),
      el("dd", { text: user.owner }),
      el("dt", { text: messages.account.address }),
      el("dd", { text: location.origin }),
      el("dt", { text: messages.account.limits }),
      el("dd", { text: `${size}, ${length}` }),
    ),
    el("p", { text: messages.account.storage }),
    el("p", { text: window.isSecureContext ? messages.account.installHint : messages.account.noTls }),
    install && button(messages.account.install, install, "wide"),
    user.auth === "sign_in" ? signOutButton : el("p", { class: "quiet", text: messages.account.local }),
    buildPhonesSection(),
    el("a", { class: "button wide", href: "/docs", target: "_blank", rel: "noopener", text: messages.account.docs }),
  );
}

/** Sign out; asks first if that deletes pending uploads, or notes of sessions that could not be sent. */
async function signOut(signOutButton) {
  const owner = getOwnerKey();
  const uploads = listPendingUploads(owner);
  await syncSessions();
  const warnings = [
    uploads.length && messages.account.pending,
    (hasUnsentChanges(owner) || hasStoredSessions(owner)) && messages.session.signOut,
  ].filter(Boolean);
  if (warnings.length && !(await confirmAction(messages.account.signOut, warnings.join(" "), messages.account.signOut)))
    return;
  await runAction(signOutButton, async () => {
    for (const entry of uploads) await dropUpload(entry);
    await remove("sign-ins/current");
    discardChanges((change) => change.owner === owner);
    deleteStoredSessions(owner);
    forgetSessions();
    forgetUser();
    navigate("sign-in");
  });
}
