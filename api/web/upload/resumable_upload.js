/** Resumable upload in chunks by the tus 1.0 protocol, with retries while the network is down. */

import { ApiError, createApiError } from "../core/api_client.js";
import { messages } from "../text/messages.js";
import { GrowingFile } from "./growing_file.js";

const TUS_HEADERS = { "Tus-Resumable": "1.0.0" };
const MIN_CHUNK_BYTES = 1 << 20; // small, as a lost chunk has to be sent again; chosen
const MAX_CHUNK_BYTES = 16 << 20; // chosen
const CHUNK_TARGET_S = 2; // chunks are sized to take about this long; chosen
const RETRY_DELAYS_S = [0.5, 1, 2, 4, 8, 15, 30]; // the last one repeats; chosen
const STALL_MS = 30000; // without progress for this long the network is gone; chosen
const RESPONSE_TIMEOUT_MS = 20000; // chosen
const RETRY_STATUSES = new Set([0, 408, 409, 423, 425, 429, 500, 502, 503, 504]);

/**
 * @typedef {object} Listeners
 * @property {(state: string, details: {wait?: number, busy?: boolean}) => void} [state] "waiting" comes with the
 *   seconds to wait and whether the service, not the network, is the reason
 * @property {(bytes: number, total: number) => void} [sent]
 * @property {(url: string|null) => void} [url] the URL of the upload, null if the service has dropped it
 *
 * @typedef {object} UploadOptions
 * @property {string} endpoint URL for creating uploads
 * @property {string|null} [url] of an upload to resume
 * @property {Record<string, string>} [metadata]
 * @property {Listeners} [on]
 */

/** The upload of one file, or of a recording under way, whose length is set once it is complete. */
export class ResumableUpload {
  /**
   * @param {Blob | GrowingFile} file
   * @param {UploadOptions} options
   */
  constructor(file, { endpoint, url = null, metadata = {}, on = {} }) {
    this.file = file;
    this.endpoint = endpoint;
    this.url = url;
    this.metadata = metadata;
    this.on = on;
    this.state = "idle";
    this.offset = 0;
    this.isLengthDeferred = false; // whether the service does not know the length yet
    this.chunkBytes = MIN_CHUNK_BYTES;
    this.runNumber = 0; // increased to end the current run
    /** @type {XMLHttpRequest|null} */
    this.request = null;
    /** @type {(() => void)|null} ends the current wait early */
    this.endWait = null;
  }

  /**
   * Send until the file is complete. Throws ApiError if the service refuses it.
   * @returns {Promise<string|null>} the URL of the upload; null if it was paused or dropped
   */
  async run() {
    const run = ++this.runNumber;
    let failures = 0;
    while (run === this.runNumber) {
      try {
        this.#setState("sending");
        if (!this.url) this.url = await this.#create();
        else await this.#readOffset(this.url);
        while (run === this.runNumber && (await this.#waitForBytes(run))) {
          await this.#sendChunk(run, this.url);
          failures = 0;
        }
        if (run !== this.runNumber) return null;
        this.#setState("done");
        return this.url;
      } catch (error) {
        if (run !== this.runNumber) return null;
        if (!(error instanceof ApiError)) throw error;
        if ((error.status === 404 || error.status === 410) && this.url) {
          this.#resetUrl();
          continue;
        }
        if (!RETRY_STATUSES.has(error.status ?? -1)) {
          this.#setState("refused");
          throw error;
        }
        const wait = RETRY_DELAYS_S[Math.min(failures++, RETRY_DELAYS_S.length - 1)];
        this.#setState("waiting", { wait, busy: error.status !== 0 });
        await this.#wait(wait);
      }
    }
    return null;
  }

  /** Pause; `run` resumes. */
  pause() {
    this.#stop();
    this.#setState("paused");
  }

  /** Stop and delete what the service has received. */
  async drop() {
    this.#stop();
    if (this.url) await deleteUpload(this.url);
  }

  #stop() {
    this.runNumber++;
    this.request?.abort();
    this.endWait?.();
  }

  #setState(state, details = {}) {
    if (this.state === state && state !== "waiting") return;
    this.state = state;
    this.on.state?.(state, details);
  }

  #resetUrl() {
    this.url = null;
    this.offset = 0;
    this.isLengthDeferred = false;
    this.on.url?.(null);
  }

  /** Tell whether the file may still grow. */
  get #isGrowing() {
    return this.file instanceof GrowingFile && !this.file.isComplete;
  }

  /**
   * Wait until there is something to send. Returns false if everything was sent, or the run has ended.
   * @param {number} run
   */
  async #waitForBytes(run) {
    while (run === this.runNumber && this.#isGrowing && this.offset >= this.file.size) {
      await new Promise((resolve) => {
        this.endWait = () => resolve(null);
        if (this.file instanceof GrowingFile) this.file.addEventListener("growth", resolve, { once: true });
      });
    }
    return run === this.runNumber && (this.offset < this.file.size || this.isLengthDeferred);
  }

  async #create() {
    const metadata = Object.entries(this.metadata)
      .filter(([, value]) => value)
      .map(([key, value]) => `${key} ${encodeBase64(value)}`);
    const isLengthDeferred = this.#isGrowing;
    const response = await this.#request("POST", this.endpoint, {
      ...(isLengthDeferred ? { "Upload-Defer-Length": "1" } : { "Upload-Length": String(this.file.size) }),
      "Upload-Metadata": metadata.join(","),
    });
    const location = response.getResponseHeader("Location");
    if (!location) throw new ApiError(502, messages.problems.server);
    // Only the path is used: behind a proxy the service may not know its public origin.
    const parsed = new URL(location, new URL(this.endpoint, window.location.href));
    const url = parsed.pathname + parsed.search;
    this.offset = 0;
    this.isLengthDeferred = isLengthDeferred;
    this.on.url?.(url);
    return url;
  }

  /** @param {string} url */
  async #readOffset(url) {
    const response = await this.#request("HEAD", url);
    this.offset = Number(response.getResponseHeader("Upload-Offset") ?? 0);
    this.isLengthDeferred = response.getResponseHeader("Upload-Defer-Length") !== null;
    if (this.offset > this.file.size && !this.#isGrowing) {
      // More has arrived than is stored here, as the last parts were lost with a closed tab: send what is stored.
      await deleteUpload(url);
      throw new ApiError(410, messages.upload.gone);
    }
    this.on.sent?.(this.offset, this.file.size);
  }

  /**
   * @param {number} run
   * @param {string} url
   */
  async #sendChunk(run, url) {
    const start = this.offset;
    const body = this.file.slice(start, start + this.chunkBytes);
    const setsLength = this.isLengthDeferred && !this.#isGrowing;
    const startedAt = performance.now();
    const response = await this.#request(
      "PATCH",
      url,
      {
        "Upload-Offset": String(start),
        "Content-Type": "application/offset+octet-stream",
        ...(setsLength ? { "Upload-Length": String(this.file.size) } : {}),
      },
      body,
      (sent) => {
        if (run === this.runNumber) this.on.sent?.(start + sent, this.file.size);
      },
    );
    const offset = Number(response.getResponseHeader("Upload-Offset"));
    this.offset = Number.isFinite(offset) && offset > start ? offset : start + body.size;
    if (setsLength) this.isLengthDeferred = false;
    this.on.sent?.(this.offset, this.file.size);
    if (body.size < this.chunkBytes) return;
    const duration_s = (performance.now() - startedAt) / 1000;
    this.chunkBytes = Math.min(
      MAX_CHUNK_BYTES,
      Math.max(MIN_CHUNK_BYTES, this.chunkBytes * Math.min(2, Math.max(0.5, CHUNK_TARGET_S / duration_s))),
    );
    this.chunkBytes = Math.round(this.chunkBytes);
  }

  /**
   * Send a request with XMLHttpRequest, as fetch reports no upload progress.
   * @param {string} method
   * @param {string} url
   * @param {Record<string, string>} [headers]
   * @param {Blob|null} [body]
   * @param {((bytes: number) => void)|null} [onProgress]
   * @returns {Promise<XMLHttpRequest>}
   */
  #request(method, url, headers = {}, body = null, onProgress = null) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.open(method, url);
      for (const [name, value] of Object.entries({ ...TUS_HEADERS, ...headers })) request.setRequestHeader(name, value);
      let stallTimer = 0;
      const restartStallTimer = () => {
        clearTimeout(stallTimer);
        stallTimer = setTimeout(() => request.abort(), STALL_MS);
      };
      if (onProgress)
        request.upload.onprogress = (event) => {
          restartStallTimer();
          onProgress(event.loaded);
        };
      request.onload = () =>
        request.status >= 200 && request.status < 300 ? resolve(request) : reject(readRefusal(request));
      request.onerror =
        request.onabort =
        request.ontimeout =
          () => reject(new ApiError(0, messages.problems.unreachable));
      request.onloadend = () => clearTimeout(stallTimer);
      if (onProgress) restartStallTimer();
      else request.timeout = RESPONSE_TIMEOUT_MS;
      request.send(body);
    });
  }

  /**
   * Wait; `pause`, or the network coming back, ends the wait early.
   * @param {number} seconds
   * @returns {Promise<void>}
   */
  #wait(seconds) {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        window.removeEventListener("online", finish);
        resolve();
      };
      const timer = setTimeout(finish, seconds * 1000);
      this.endWait = finish;
      window.addEventListener("online", finish);
    });
  }
}

/**
 * Delete what the service has received of an upload.
 * @param {string} url
 */
export async function deleteUpload(url) {
  await fetch(url, { method: "DELETE", headers: TUS_HEADERS, signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS) }).catch(
    () => null,
  );
}

/** @param {XMLHttpRequest} request */
function readRefusal(request) {
  let data = null;
  try {
    data = JSON.parse(request.responseText);
  } catch {
    /* the message of the status is enough */
  }
  return createApiError(request.status, data);
}

/** @param {string} text */
function encodeBase64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
