/** Taking in a clip: the buttons that film or choose one, the checks of its file, and the start of its upload. */

import { ApiError } from "../core/api_client.js";
import { getOwnerKey, getUser } from "../core/current_user.js";
import { el } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { changeStep } from "../sessions/session_store.js";
import { formatBytes } from "../text/formatting.js";
import { messages } from "../text/messages.js";
import { startUpload } from "../upload/clip_upload.js";

const GIF = "image/gif"; // the service finds out whether it is animated
const OTHER_TYPES = [GIF, "application/octet-stream"]; // besides video/*

/** @type {Record<string, unknown>} */
let draftOptions = {};

/** Keep the options of a clip for the view that films it, until a clip is submitted. */
export function setDraftOptions(options) {
  draftOptions = options;
}

/** Get the draft options; empty if there are none. */
export const getDraftOptions = () => draftOptions;

/**
 * Check that a file can be sent. Throws ApiError.
 * @param {File} file
 */
export async function checkFile(file) {
  /** @param {string} text */
  const refuse = (text) => {
    throw new ApiError(null, text);
  };
  const limit_bytes = (await getUser()).limits.max_upload_bytes;
  if (!file.size) refuse(messages.newClip.empty(file.name));
  if (file.type && !file.type.startsWith("video/") && !OTHER_TYPES.includes(file.type))
    refuse(messages.newClip.notVideo(file.name));
  if (file.size > limit_bytes)
    refuse(messages.newClip.tooLarge(file.name, formatBytes(file.size), formatBytes(limit_bytes)));
}

/**
 * Check a file and start its upload. Throws ApiError.
 * @param {File} file
 * @param {Record<string, unknown>} options optional fields of POST /v1/analyses
 * @param {import("../upload/clip_upload.js").SessionPlace|null} [step] the step of a session that it belongs to
 */
export async function submitClip(file, options, step = null) {
  await checkFile(file);
  draftOptions = {};
  // A clip that is there counts until the upload is complete.
  if (step) changeStep(step.session, step.name, { skipped: false, redo: false });
  return startUpload(file, options, getOwnerKey(), step);
}

/**
 * Build the two buttons for a clip: film it, inside the page if the browser allows that, or choose an existing one.
 * @param {string} filmHref address of the view that films
 * @param {(file: File) => unknown} onFile
 * @param {(event: Event) => unknown} [onFilm] called before that view opens
 */
export function buildClipButtons(filmHref, onFile, onFilm = () => {}) {
  const canFilmHere =
    window.isSecureContext &&
    "mediaDevices" in navigator &&
    "getUserMedia" in navigator.mediaDevices &&
    window.MediaRecorder;
  return [
    canFilmHere
      ? el("a", { class: "button primary", href: filmHref, on: { click: onFilm } }, icon("film"), messages.newClip.film)
      : fileButton(messages.newClip.film, "film", onFile, { capture: true, primary: true }),
    fileButton(messages.newClip.choose, "folder", onFile),
  ];
}

/** Create a button that opens the phone's file picker or, with `capture`, its camera. */
export function fileButton(label, iconName, onFile, { capture = false, primary = false } = {}) {
  const input = el("input", {
    type: "file",
    accept: capture ? "video/*" : `video/*,${GIF}`,
    capture: capture ? "environment" : null,
    class: "visually-hidden",
    on: {
      change: () => {
        const file = input.files?.[0];
        input.value = "";
        if (file) onFile(file);
      },
    },
  });
  return el(
    "label",
    { class: `button file${primary ? " primary" : ""}` },
    icon(iconName),
    el("span", { text: label }),
    input,
  );
}
