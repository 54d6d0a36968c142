/** Uploads that are not done, remembered on this phone: a list in localStorage, their files in IndexedDB where it allows. */

const KEY = "analyzer.uploads";
const ENDS = 1 << 18; // bytes of each end that tell two files apart; chosen
const KEEP_MS = 5 * 24 * 3600 * 1000; // the service drops unfinished uploads after this long

/** Every remembered upload of an owner, newest first. */
export function listPending(owner) {
  return load()
    .filter((entry) => entry.owner === owner)
    .reverse();
}

export function findPending(id) {
  return load().find((entry) => entry.id === id) ?? null;
}

/** Remember a new one, or what is new about it. */
export function savePending(entry) {
  const others = load().filter((one) => one.id !== entry.id);
  save([...others, entry]);
  return entry;
}

export async function forgetPending(id) {
  save(load().filter((one) => one.id !== id));
  await withFiles("readwrite", (files) => files.delete(id)).catch(() => null);
}

/** Keep the file itself, so that a closed tab needs nothing picked again. False where the browser cannot. */
export async function keepFile(id, file) {
  try {
    await withFiles("readwrite", (files) => files.put(file, id));
    return true;
  } catch {
    return false;
  }
}

/** The kept file, or null. */
export async function keptFile(id) {
  const file = await withFiles("readonly", (files) => files.get(id)).catch(() => null);
  // A file that has moved or changed since is listed but cannot be read.
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

/** Tells files apart by length and both ends: a phone may give the same clip another name or date. */
export async function fingerprint(file) {
  const head = await file.slice(0, ENDS).arrayBuffer();
  const tail = await file.slice(Math.max(0, file.size - ENDS)).arrayBuffer();
  return `${file.size}-${hash(head)}-${hash(tail)}`;
}

/** A name nobody else has; also without TLS, where crypto.randomUUID is missing. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function load() {
  try {
    const list = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return list.filter((entry) => Date.now() - entry.created < KEEP_MS);
  } catch {
    return [];
  }
}

function save(list) {
  try {
    localStorage.setItem(KEY, JSON.stringify(list));
  } catch {
    /* private browsing: it works until the tab closes */
  }
}

function hash(buffer) {
  let value = 0x811c9dc5; // FNV-1a
  for (const byte of new Uint8Array(buffer)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value.toString(16);
}

function withFiles(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("analyzer", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("files");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction("files", mode);
      const asked = act(transaction.objectStore("files"));
      transaction.oncomplete = () => {
        database.close();
        resolve(asked.result);
      };
      transaction.onerror = transaction.onabort = () => {
        database.close();
        reject(transaction.error);
      };
    };
  });
}
