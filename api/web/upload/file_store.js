/**
 * The store of files in the browser's IndexedDB. Its keys: the id of an upload for a whole file, [id, number] for a part
 * of a recording, ["shared", number] for a file that another app has shared.
 */

/**
 * Run one request on the store of files. Rejects if the browser has no such store, or no space.
 * @param {IDBTransactionMode} mode
 * @param {(files: IDBObjectStore) => IDBRequest} createRequest
 * @returns {Promise<any>}
 */
export function runInFileStore(mode, createRequest) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("analyzer", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("files");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction("files", mode);
      const request = createRequest(transaction.objectStore("files"));
      transaction.oncomplete = () => {
        database.close();
        resolve(request.result);
      };
      transaction.onerror = transaction.onabort = () => {
        database.close();
        reject(transaction.error);
      };
    };
  });
}

/**
 * Get the range of all keys [prefix, ...].
 * @param {string} prefix
 */
export const getKeysBelow = (prefix) => IDBKeyRange.bound([prefix], [prefix, []]); // an array is above every number
