/**
 * The upload of a clip while it is filmed: its parts are sent and stored on this phone as they come.
 *
 *     const recording = new RecordingUpload();
 *     recording.start(recorder.mimeType, options, place); // when the recorder starts, with a timeslice of a second
 *     recorder.ondataavailable = (event) => recording.append(event.data);
 *     const entry = await recording.finish(file); // after the recorder has stopped: navigate to `send/${entry.id}`
 *     await recording.discard(); // instead, when the clip is not used
 *
 * Neither a lost network nor a closed tab loses a part: after a reload the clip is among the pending uploads.
 */

import { getOwnerKey } from "../core/current_user.js";
import { changeStep } from "../sessions/session_store.js";
import { completeEntry, dropUpload, startGrowingUpload, startUpload } from "./clip_upload.js";
import { GrowingFile } from "./growing_file.js";
import { createId, holdRecording, savePendingUpload, storeFile, storePart } from "./pending_uploads.js";

/** @typedef {import("./clip_upload.js").SessionPlace} SessionPlace */

/** The upload of one recording. */
export class RecordingUpload {
  constructor() {
    /** Name of the clip, from the time at which it started. */
    this.name = "";
    this.file = new GrowingFile("");
    /** @type {Record<string, any>|null} what is stored of the upload */
    this.entry = null;
    /** @type {Promise<boolean>[]} whether each part was stored */
    this.stored = [];
    this.release = () => {};
  }

  /**
   * Start the upload. Returns at once; without a network it begins when there is one.
   * @param {string} type media type of the recorder, with or without codecs
   * @param {Record<string, unknown>} options optional fields of POST /v1/analyses
   * @param {SessionPlace|null} [place] the step of a session that it is for
   */
  start(type, options, place = null) {
    const [container] = type.split(";");
    this.name = `${formatStamp(new Date())}.${container.includes("mp4") ? "mp4" : "webm"}`;
    this.file = new GrowingFile(container);
    this.stored = [];
    const entry = savePendingUpload({
      id: createId(),
      owner: getOwnerKey(),
      fingerprint: null,
      name: this.name,
      size: 0,
      type: container,
      url: null,
      sent: 0,
      options,
      step: place,
      created: Date.now(),
      has_file: true,
      is_recording: true,
    });
    this.entry = entry;
    this.release = holdRecording(entry.id);
    startGrowingUpload(this.file, entry);
  }

  /**
   * Add the next part, in the order of the recorder.
   * @param {Blob} part
   */
  append(part) {
    if (!part.size || !this.entry) return;
    this.stored.push(storePart(this.entry.id, this.stored.length, part));
    this.entry.size += part.size;
    savePendingUpload(this.entry);
    this.file.append(part);
  }

  /**
   * Complete the upload, after which it is like that of any file.
   * @param {Blob} file the whole recording
   * @returns {Promise<Record<string, any>>} what is stored of the upload
   */
  async finish(file) {
    const { entry } = this;
    if (!entry) throw new Error("The recording has not started.");
    if (file.size !== this.file.size) return this.#sendWhole(entry, file);
    const isStored = (await Promise.all(this.stored)).every(Boolean) || (await storeFile(entry.id, file));
    await completeEntry(Object.assign(entry, { has_file: isStored }), file);
    this.#leave();
    this.file.complete();
    if (entry.step) changeStep(entry.step.session, entry.step.name, { skipped: false, redo: false });
    return entry;
  }

  /** Stop, and delete all of it here and on the service. */
  async discard() {
    const { entry } = this;
    this.#leave();
    if (!entry) return;
    await Promise.all(this.stored);
    await dropUpload(entry);
  }

  /**
   * Send the file from its start, as some part of it was not appended.
   * @param {Record<string, any>} entry
   * @param {Blob} file
   */
  async #sendWhole(entry, file) {
    await this.discard();
    const whole = new File([file], entry.name, { type: entry.type });
    return (await startUpload(whole, entry.options, entry.owner, entry.step)).entry;
  }

  #leave() {
    this.entry = null;
    this.release();
  }
}

/**
 * Format a time for the name of a file, in the phone's time zone: "2026-03-01 09.30.05".
 * @param {Date} time
 */
function formatStamp(time) {
  const two = (number) => String(number).padStart(2, "0");
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(".")}`;
}
