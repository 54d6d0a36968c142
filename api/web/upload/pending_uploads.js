/** Unfinished uploads, stored on this phone: their list in localStorage, their files in IndexedDB if the browser allows it. */

import { getKeysBelow, runInFileStore } from "./file_store.js";
import { SHARED } from "./shared_files.js";

const STORAGE_KEY = "analyzer.uploads";
export const AWAITED_KEY = "analyzer.awaited";
const END_BYTES = 1 << 18; // of each end of a file, for its fingerprint; chosen
const MAX_AGE_MS = 5 * 24 * 3600 * 1000; // the service drops unfinished uploads after this long, and so does the phone

/** List the unfinished uploads of an owner, newest first. */
export function listPendingUploads(owner) {
  return readList()
    .filter((entry) => entry.owner === owner)
    .reverse();
}

/** Find an unfinished upload by its id; null if there is none. */
export function findPendingUpload(id) {
  return readList().find((entry) => entry.id === id) ?? null;
}

/** Store an upload, or replace it if it is stored already. */
export function savePendingUpload(entry) {
  const others = readList().filter((stored) => stored.id !== entry.id);
  writeList([...others, entry]);
  return entry;
}

/** Delete an upload from the list, with its stored file. */
export async function deletePendingUpload(id) {
  writeList(readList().filter((stored) => stored.id !== id));
  await runInFileStore("readwrite", (files) => files.delete(id)).catch(() => null);
  await runInFileStore("readwrite", (files) => files.delete(getKeysBelow(id))).catch(() => null);
}

/** Delete uploads that the service no longer accepts the rest of, and stored files that belong to none. */
export async function deleteExpiredUploads() {
  const entries = readList();
  writeList(entries);
  const ids = new Set(entries.map((entry) => entry.id));
  const stored = await runInFileStore("readonly", (files) => files.getAllKeys()).catch(() => []);
  for (const key of stored) {
    const id = Array.isArray(key) ? key[0] : key;
    if (!ids.has(id) && id !== SHARED)
      await runInFileStore("readwrite", (files) => files.delete(key)).catch(() => null);
  }
}

/** Tell whether results of uploads are awaited: see core/result_notices.js, which is loaded only then. */
export function hasAwaitedResults() {
  try {
    return localStorage.getItem(AWAITED_KEY) !== null;
  } catch {
    return false;
  }
}

/** Store the file itself, so that it need not be picked again after the tab was closed. False if the browser cannot. */
export async function storeFile(id, file) {
  try {
    await runInFileStore("readwrite", (files) => files.put(file, id));
    return true;
  } catch {
    return false;
  }
}

/**
 * Store a part of a recording. False if the browser cannot.
 * @param {string} id
 * @param {number} number from 0
 * @param {Blob} part
 */
export async function storePart(id, number, part) {
  try {
    await runInFileStore("readwrite", (files) => files.put(part, [id, number]));
    return true;
  } catch {
    return false;
  }
}

/** Load a stored file, whole or from its parts; null if there is none or it can no longer be read. */
export async function loadStoredFile(id) {
  const whole = await runInFileStore("readonly", (files) => files.get(id)).catch(() => null);
  const file = whole ?? (await loadParts(id));
  // A file that was moved or changed since is listed but cannot be read.
  return file instanceof Blob &&
    (await file
      .slice(0, 1)
      .arrayBuffer()
      .then(
        () => true,
        () => false,
      ))
    ? file
    : null;
}

/** Mark a recording as under way until the returned function is called or the page is closed. */
export function holdRecording(id) {
  /** @type {() => void} */
  let release = () => {};
  const held = new Promise((resolve) => {
    release = () => resolve(null);
  });
  navigator.locks?.request(getLockName(id), () => held).catch(() => null);
  return release;
}

/** Tell whether a recording is under way in this or another page. */
export async function isBeingRecorded(id) {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === getLockName(id));
}

const getLockName = (id) => `recording-${id}`;

/** Load the parts of a recording that are stored without a gap, as one file; null if there are none. */
async function loadParts(id) {
  const [keys, parts] = await Promise.all([
    runInFileStore("readonly", (files) => files.getAllKeys(getKeysBelow(id))),
    runInFileStore("readonly", (files) => files.getAll(getKeysBelow(id))),
  ]).catch(() => [[], []]);
  const gap = keys.findIndex((key, index) => key[1] !== index);
  return parts.length && gap !== 0 ? new Blob(gap < 0 ? parts : parts.slice(0, gap), { type: parts[0].type }) : null;
}

/** Compute a fingerprint from the length and both ends of a file: a phone may rename or re-date the same clip. */
export async function computeFingerprint(file) {
  const head = await file.slice(0, END_BYTES).arrayBuffer();
  const tail = await file.slice(Math.max(0, file.size - END_BYTES)).arrayBuffer();
  return `${file.size}-${hashBytes(head)}-${hashBytes(tail)}`;
}

/** Create a random id, also without TLS, where crypto.randomUUID is missing. */
export function createId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function readList() {
  try {
    const list = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
    return list.filter((entry) => Date.now() - entry.created < MAX_AGE_MS);
  } catch {
    return [];
  }
}

function writeList(list) {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(list));
  } catch {
    /* private browsing: the upload works until the tab is closed */
  }
}

function hashBytes(buffer) {
  let value = 0x811c9dc5; // FNV-1a
  for (const byte of new Uint8Array(buffer)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value.toString(16);
}
