/** Uploads of clips, which continue whichever view is open: send the file, then start its analysis. */

import { API_BASE, getErrorStatus, post } from "../core/api_client.js";
import { showToast } from "../core/dom.js";
import { queueChange } from "../sessions/session_changes.js";
import { messages } from "../text/messages.js";
import {
  computeFingerprint,
  createId,
  deletePendingUpload,
  findPendingUpload,
  isBeingRecorded,
  loadStoredFile,
  savePendingUpload,
  storeFile,
} from "./pending_uploads.js";
import { deleteUpload, ResumableUpload } from "./resumable_upload.js";

/** @typedef {{session: string, client: string, name: string}} SessionPlace a step of a session */

const SAVE_EVERY_BYTES = 1e6; // how often the progress is stored; chosen
const HANDOVER_ATTEMPTS = 10; // chosen
/** @type {Map<string, ClipUpload>} by id */
const activeUploads = new Map();
/** @type {Map<string, {analysis: string, step: SessionPlace|null}>} what uploads of this page have become, by id */
const completed = new Map();

/** Dispatches "arrival" whenever a clip was sent completely; its `detail` is `{analysis, step}`, as of getCompletedUpload. */
export const uploadEvents = new EventTarget();

/** Get how much of a pending upload was sent, in bytes. */
export const getSentBytes = (entry) => activeUploads.get(entry.id)?.sent ?? entry.sent ?? 0;

/** Get the analysis that an upload of this page has become, and its step of a session; null if it has not. */
export const getCompletedUpload = (id) => completed.get(id) ?? null;

/** The upload of one clip. `entry` is what is stored of it; `upload` is set while its file is available. */
class ClipUpload extends EventTarget {
  constructor(entry) {
    super();
    this.entry = entry;
    /** @type {ResumableUpload|null} */
    this.upload = null;
    /** @type {"idle"|"queued"|"sending"|"waiting"|"paused"|"handing_over"|"done"|"refused"|"needs_file"|"recording"|"dropped"} */
    this.state = "idle";
    this.sent = entry.sent ?? 0;
    this.wait = 0; // seconds until the next attempt, while waiting
    this.busy = false; // whether the service, not the network, is the reason to wait
    /** @type {unknown} */
    this.error = null;
    this.analysis = null;
  }

  update(state, details = {}) {
    Object.assign(this, { state, ...details });
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * Start the upload of a file.
 * @param {File} file
 * @param {Record<string, unknown>} options optional fields of POST /v1/analyses
 * @param {string} owner
 * @param {SessionPlace|null} [step] the step of a session that it is for
 */
export async function startUpload(file, options, owner, step = null) {
  const clip = await createUpload(file, options, owner, step);
  const { entry } = clip;
  storeFile(entry.id, file).then((isStored) => {
    entry.has_file = isStored;
    if (activeUploads.has(entry.id)) savePendingUpload(entry);
  });
  runUpload(clip, file);
  return clip;
}

/**
 * Start the uploads of several files, one after another. Resolves when all are stored on this phone.
 * @param {File[]} files
 * @param {Record<string, unknown>} options optional fields of POST /v1/analyses, the same for all
 * @param {string} owner
 * @returns {Promise<ClipUpload[]>}
 */
export async function startUploads(files, options, owner) {
  const clips = [];
  for (const file of files) {
    const clip = await createUpload(file, options, owner);
    clip.update("queued");
    clip.entry.has_file = await storeFile(clip.entry.id, file);
    savePendingUpload(clip.entry);
    clips.push(clip);
  }
  const runAll = async () => {
    for (const [index, clip] of clips.entries()) if (clip.state === "queued") await runUpload(clip, files[index]);
  };
  runAll();
  return clips;
}

/**
 * Create the upload of a file, and store its entry.
 * @param {File} file
 * @param {Record<string, unknown>} options
 * @param {string} owner
 * @param {SessionPlace|null} [step]
 */
async function createUpload(file, options, owner, step = null) {
  const fingerprint = await computeFingerprint(file);
  const entry = savePendingUpload({
    id: createId(),
    owner,
    fingerprint,
    name: file.name || "clip",
    size: file.size,
    type: file.type,
    url: null,
    sent: 0,
    options,
    step,
    created: Date.now(),
    has_file: false,
  });
  const clip = new ClipUpload(entry);
  activeUploads.set(entry.id, clip);
  return clip;
}

/**
 * Start the upload of a recording under way. Its entry is complete once the file is.
 * @param {import("./growing_file.js").GrowingFile} file
 * @param {Record<string, any>} entry as stored
 */
export function startGrowingUpload(file, entry) {
  const clip = new ClipUpload(entry);
  activeUploads.set(entry.id, clip);
  runUpload(clip, file);
  return clip;
}

/**
 * Get the upload of a stored entry; one of a closed tab is resumed if its file is stored, a recording with the parts
 * that are.
 */
export async function openUpload(entry) {
  const running = activeUploads.get(entry.id);
  if (running) return running;
  const clip = new ClipUpload(entry);
  activeUploads.set(entry.id, clip);
  const file = await loadStoredFile(entry.id);
  if (!activeUploads.has(entry.id)) return clip; // dropped in the meantime
  if (entry.is_recording && (await isBeingRecorded(entry.id))) {
    activeUploads.delete(entry.id);
    clip.update("recording");
    return clip;
  }
  if (entry.is_recording && file) await completeEntry(entry, file);
  if (file) runUpload(clip, file);
  else clip.update("needs_file");
  return clip;
}

/**
 * Complete the entry of a recording that has ended.
 * @param {Record<string, any>} entry
 * @param {Blob} file all of it
 */
export async function completeEntry(entry, file) {
  const fingerprint = await computeFingerprint(file);
  savePendingUpload(Object.assign(entry, { is_recording: false, size: file.size, fingerprint }));
}

/** Resume with the same file, picked again. Returns false if it is another file. */
export async function resumeWithFile(clip, file) {
  if ((await computeFingerprint(file)) !== clip.entry.fingerprint) return false;
  runUpload(clip, file);
  return true;
}

/** Pause an upload. */
export function pauseUpload(clip) {
  clip.upload?.pause();
}

/** Resume an upload that was paused or refused. */
export function resumeUpload(clip) {
  runUpload(clip, clip.upload.file);
}

/** Stop an upload and delete it, on this phone and on the service. */
export async function dropUpload(entry) {
  const clip = activeUploads.get(entry.id);
  activeUploads.delete(entry.id);
  clip?.update("dropped");
  if (clip?.upload) await clip.upload.drop();
  else if (entry.url) await deleteUpload(entry.url);
  await deletePendingUpload(entry.id);
}

async function runUpload(clip, file) {
  const { entry } = clip;
  clip.upload ??= new ResumableUpload(file, {
    endpoint: `${API_BASE}/uploads/`,
    url: entry.url,
    metadata: { filename: entry.name, filetype: entry.type || "video/mp4" },
    on: {
      state: (state, details) => state !== "done" && state !== "refused" && clip.update(state, details),
      sent: (bytes) => {
        clip.sent = bytes;
        if (bytes - entry.sent > SAVE_EVERY_BYTES || bytes === entry.size)
          savePendingUpload(Object.assign(entry, { sent: bytes }));
        clip.dispatchEvent(new Event("change"));
      },
      url: (url) => {
        entry.url = url;
        savePendingUpload(entry);
      },
    },
  });
  clip.upload.file = file;
  try {
    const url = await clip.upload.run();
    if (url === null) return;
    clip.update("handing_over");
    clip.analysis = await startAnalysis(entry, url);
    activeUploads.delete(entry.id);
    const { step = null } = findPendingUpload(entry.id) ?? entry; // an imported session has been added meanwhile
    if (step) {
      const fields = { analysis: clip.analysis.id, skipped: false, redo: false };
      queueChange(entry.owner, step.session, { steps: { [step.name]: fields } });
    }
    await deletePendingUpload(entry.id);
    const arrival = { analysis: clip.analysis.id, step };
    completed.set(entry.id, arrival);
    const isWatched = location.hash.includes(entry.id);
    clip.update("done");
    uploadEvents.dispatchEvent(new CustomEvent("arrival", { detail: arrival }));
    if (!isWatched && !location.hash.includes(clip.analysis.id)) showToast(messages.upload.arrived(entry.name));
  } catch (error) {
    clip.update("refused", { error });
  }
}

/** Start the analysis of an upload, with retries: the service starts one analysis per idempotency key. */
async function startAnalysis(entry, url) {
  const upload = url.split("?")[0].replace(/\/+$/, "").split("/").pop();
  for (let attempt = 1; ; attempt++) {
    try {
      return await post("analyses", { upload, ...entry.options }, { headers: { "Idempotency-Key": entry.id } });
    } catch (error) {
      if (![0, 502, 503, 504].includes(getErrorStatus(error) ?? -1) || attempt >= HANDOVER_ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000 * attempt));
    }
  }
}
