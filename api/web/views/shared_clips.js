/** Clips that another app has shared with this one: shown in "New clip", ready to be sent. */

import { ApiError, getErrorMessage, getErrorStatus } from "../core/api_client.js";
import { getOwnerKey } from "../core/current_user.js";
import { announce, el, focusFirst, setChildren } from "../core/dom.js";
import { navigate } from "../core/router.js";
import { formatBytes } from "../text/formatting.js";
import { messages } from "../text/messages.js";
import { startUploads } from "../upload/clip_upload.js";
import { deleteSharedFile, loadSharedFiles } from "../upload/shared_files.js";
import { checkFile } from "./clip_intake.js";
import { button, problemBox, runAction } from "./page_parts.js";

/** @typedef {{key: IDBValidKey, name: string, file: File}} Chosen a shared file that can be sent */

/**
 * Show the shared clips in `card` and the button that sends them in `actions`. Files that cannot be sent are named, and
 * deleted from this phone.
 * @param {Element} card
 * @param {Element} actions whose children are restored once no clip is left
 * @param {() => Record<string, unknown>} getOptions fields of POST /v1/analyses; throws ApiError
 * @param {boolean} isExpected whether to say so if there are none
 */
export async function showSharedClips(card, actions, getOptions, isExpected) {
  const usual = [...actions.childNodes];
  /** @type {Chosen[]} */
  let chosen = [];
  const refused = [];
  for (const { key, name, file } of await loadSharedFiles()) {
    try {
      if (!file) throw new ApiError(null, messages.newClip.notVideo(name));
      await checkFile(file);
      chosen.push({ key, name, file });
    } catch (error) {
      // Without a network, the service checks it later.
      if (file && getErrorStatus(error) === 0) {
        chosen.push({ key, name, file });
        continue;
      }
      if (!(error instanceof ApiError && error.status === null)) throw error;
      refused.push(getErrorMessage(error));
      await deleteSharedFile(key);
    }
  }
  if (isExpected && !chosen.length && !refused.length) refused.push(messages.newClip.nothingShared);

  const send = (sendButton) =>
    runAction(sendButton, async () => {
      const options = getOptions();
      const files = chosen.map(({ name, file }) => new File([file], name, { type: file.type }));
      const clips = await startUploads(files, options, getOwnerKey());
      await forget(chosen);
      navigate(clips.length === 1 ? `send/${clips[0].entry.id}` : "", { replace: true });
    });
  const forget = (clips) => Promise.all(clips.map(({ key }) => deleteSharedFile(key)));
  const remove = async (clip) => {
    await forget([clip]);
    chosen = chosen.filter((other) => other !== clip);
    draw();
    focusFirst(chosen.length ? card : actions, "button, a, input");
  };
  const draw = () => {
    setChildren(
      card,
      refused.length > 0 && problemBox(new ApiError(null, refused.join(" "))),
      chosen.length > 0 &&
        el(
          "section",
          { class: "card", "aria-labelledby": "shared-title" },
          el("h2", { id: "shared-title", text: messages.newClip.shared }),
          el(
            "ul",
            { class: "plain-list" },
            chosen.map((clip) => el("li", {}, buildLine(clip, remove))),
          ),
        ),
    );
    if (!chosen.length) return setChildren(actions, usual);
    const sendButton = button(messages.newClip.send(chosen.length), () => send(sendButton), "primary");
    return setChildren(actions, sendButton);
  };
  draw();
  if (chosen.length) announce(messages.newClip.send(chosen.length));
}

/**
 * @param {Chosen} clip
 * @param {(clip: Chosen) => unknown} remove
 */
function buildLine(clip, remove) {
  const text = messages.newClip.leaveOut;
  return el(
    "div",
    { class: "over-time" },
    el(
      "span",
      { class: "over-text" },
      el("span", { text: clip.name }),
      el("span", { class: "quiet", text: formatBytes(clip.file.size) }),
    ),
    button(text, () => remove(clip), "small", { "aria-label": `${text}: ${clip.name}` }),
  );
}
