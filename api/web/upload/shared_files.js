/** Files that another app has shared with this one; the service worker stores them until they are sent. */

import { getKeysBelow, runInFileStore } from "./file_store.js";

/** Prefix of their keys in the store of files. */
export const SHARED = "shared";
const MAX_AGE_MS = 24 * 3600 * 1000; // they are still in the app that has shared them; chosen

/** @typedef {{key: IDBValidKey, name: string, file: File|null}} SharedFile file: null if it is no video */

/** Tell whether there are shared files. */
export const hasSharedFiles = () =>
  runInFileStore("readonly", (files) => files.count(getKeysBelow(SHARED))).then(
    (count) => count > 0,
    () => false,
  );

/**
 * Load the shared files, in the order in which they were shared; old ones are deleted.
 * @returns {Promise<SharedFile[]>}
 */
export async function loadSharedFiles() {
  const [keys, records] = await Promise.all([
    runInFileStore("readonly", (files) => files.getAllKeys(getKeysBelow(SHARED))),
    runInFileStore("readonly", (files) => files.getAll(getKeysBelow(SHARED))),
  ]).catch(() => [[], []]);
  /** @type {SharedFile[]} */
  const fresh = [];
  for (const [index, key] of keys.entries()) {
    const { name, file, shared } = records[index];
    if (Date.now() - shared < MAX_AGE_MS) fresh.push({ key, name, file });
    else await deleteSharedFile(key);
  }
  return fresh;
}

/**
 * Delete a shared file from this phone.
 * @param {IDBValidKey} key
 */
export const deleteSharedFile = (key) =>
  runInFileStore("readwrite", (files) => files.delete(key)).then(
    () => {},
    () => {},
  );
