/** Clips on their way, whichever view is open: upload, then hand over to be analysed. */

import { BASE, post, statusOf } from "./api.js";
import { fingerprint, forgetPending, keepFile, keptFile, newId, savePending } from "./pending.js";
import { toast } from "./dom.js";
import { arrived as arrivedInSession } from "./sessions.js";
import { dropUpload, Upload } from "./tus.js";
import { words } from "./words.js";

const NOTED_BYTES = 1e6; // how far a clip has come is noted this often; chosen
const under = new Map();
const arrived = new Map();

/** Tells "arrival" whenever a clip is all there. */
export const arrivals = new EventTarget();

/** Id of the analysis that a clip sent from this page has become, if it has. */
export const analysisOf = (id) => arrived.get(id) ?? null;

/** One clip on its way: `entry` is remembered, `upload` is there while the file is at hand. */
class Sending extends EventTarget {
  constructor(entry) {
    super();
    this.entry = entry;
    this.upload = null;
    this.state = "idle"; // idle, sending, waiting, paused, handing_over, done, refused, needs_file
    this.sent = entry.sent ?? 0;
    this.told = null;
    this.analysis = null;
  }

  change(state, more = {}) {
    Object.assign(this, { state, ...more });
    this.dispatchEvent(new Event("change"));
  }
}

/** Start with a new file. `options` are the optional fields, as the API names them. */
export async function send(file, options, owner) {
  const print = await fingerprint(file);
  const entry = savePending({
    id: newId(),
    owner,
    fingerprint: print,
    name: file.name || "clip",
    size: file.size,
    type: file.type,
    url: null,
    sent: 0,
    options,
    created: Date.now(),
    kept: false,
  });
  const sending = new Sending(entry);
  under.set(entry.id, sending);
  keepFile(entry.id, file).then((kept) => {
    entry.kept = kept;
    if (under.has(entry.id)) savePending(entry);
  });
  run(sending, file);
  return sending;
}

/** The one with this id, also one of a tab that was closed: then its file is looked for. */
export async function resume(entry) {
  const running = under.get(entry.id);
  if (running) return running;
  const sending = new Sending(entry);
  under.set(entry.id, sending);
  const file = await keptFile(entry.id);
  if (!under.has(entry.id)) return sending; // dropped meanwhile
  if (file) run(sending, file);
  else sending.change("needs_file");
  return sending;
}

/** The same file, picked again. False when it is another one. */
export async function pickedAgain(sending, file) {
  if ((await fingerprint(file)) !== sending.entry.fingerprint) return false;
  run(sending, file);
  return true;
}

export function pause(sending) {
  sending.upload?.pause();
}

export function goOn(sending) {
  run(sending, sending.upload.file);
}

/** Stop and forget it, here and on the service. */
export async function drop(entry) {
  const sending = under.get(entry.id);
  under.delete(entry.id);
  sending?.change("dropped");
  if (sending?.upload) await sending.upload.drop();
  else if (entry.url) await dropUpload(entry.url);
  await forgetPending(entry.id);
}

async function run(sending, file) {
  const { entry } = sending;
  sending.upload ??= new Upload(file, {
    endpoint: `${BASE}/uploads/`,
    url: entry.url,
    metadata: { filename: entry.name, filetype: entry.type || "video/mp4" },
    on: {
      state: (state, more) => state !== "done" && state !== "refused" && sending.change(state, more),
      sent: (bytes) => {
        sending.sent = bytes;
        if (bytes - entry.sent > NOTED_BYTES || bytes === entry.size)
          savePending(Object.assign(entry, { sent: bytes }));
        sending.dispatchEvent(new Event("change"));
      },
      url: (url) => {
        entry.url = url;
        savePending(entry);
      },
    },
  });
  sending.upload.file = file;
  try {
    const url = await sending.upload.run();
    if (url === null) return;
    sending.change("handing_over");
    sending.analysis = await handOver(entry, url);
    under.delete(entry.id);
    arrivedInSession(entry.id, sending.analysis.id);
    await forgetPending(entry.id);
    arrived.set(entry.id, sending.analysis.id);
    const watched = location.hash.includes(entry.id);
    sending.change("done");
    arrivals.dispatchEvent(new Event("arrival"));
    if (!watched && !location.hash.includes(sending.analysis.id)) toast(words.send.arrived(entry.name));
  } catch (told) {
    sending.change("refused", { told });
  }
}

/** Ask for the analysis; asked twice with the same key, the service starts it once. */
async function handOver(entry, url) {
  const upload = url.split("?")[0].replace(/\/+$/, "").split("/").pop();
  for (let tries = 0; ; tries++) {
    try {
      return await post("analyses", { upload, ...entry.options }, { headers: { "Idempotency-Key": entry.id } });
    } catch (told) {
      if (![0, 502, 503, 504].includes(statusOf(told) ?? -1) || tries > 8) throw told;
      await new Promise((wait) => setTimeout(wait, 1000 * (tries + 1)));
    }
  }
}
