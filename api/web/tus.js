/** Uploading in pieces by tus 1.0: goes on where it stopped, waits out a lost network. */

import { Told, toldOf } from "./api.js";
import { words } from "./words.js";

const VERSION = { "Tus-Resumable": "1.0.0" };
const SMALLEST = 1 << 20; // a lost piece costs little on a slow network; chosen
const LARGEST = 16 << 20; // chosen
const PIECE_S = 2; // a piece should take about this long; chosen
const WAITS_S = [0.5, 1, 2, 4, 8, 15, 30]; // the last one repeats; chosen
const STILL_MS = 30000; // no byte has gone for this long: the network went without a word; chosen
const ANSWER_MS = 20000; // chosen
const AGAIN = new Set([0, 408, 409, 423, 425, 429, 500, 502, 503, 504]);

/**
 * @typedef {object} Listeners
 * @property {(state: string, more: {wait?: number, busy?: boolean}) => void} [state]
 * @property {(bytes: number, total: number) => void} [sent]
 * @property {(address: string|null) => void} [url]
 *
 * @typedef {object} Given
 * @property {string} endpoint where uploads are begun
 * @property {string|null} [url] of an upload that goes on
 * @property {Record<string, string>} [metadata]
 * @property {Listeners} [on]
 */

/**
 * One file on its way. `on` is told: state (text, and {wait, busy} where it waits: seconds, and whether the service asks
 * for that), sent (bytes, total), url (address).
 */
export class Upload {
  /**
   * @param {File} file
   * @param {Given} given
   */
  constructor(file, { endpoint, url = null, metadata = {}, on = {} }) {
    this.file = file;
    this.endpoint = endpoint;
    this.url = url;
    this.metadata = metadata;
    this.on = on;
    this.state = "idle";
    this.offset = 0;
    this.piece = SMALLEST;
    this.turn = 0;
    /** @type {XMLHttpRequest|null} */
    this.request = null;
    /** @type {(() => void)|null} ends a wait early */
    this.wake = null;
  }

  /** Send until it is all there; resolves to the upload's address. Throws Told when the service refuses it. */
  async run() {
    const turn = ++this.turn;
    let lost = 0;
    while (turn === this.turn) {
      try {
        this.#tell("sending");
        if (!this.url) this.url = await this.#create();
        else await this.#findOffset(this.url);
        while (turn === this.turn && this.offset < this.file.size) {
          await this.#sendPiece(turn, this.url);
          lost = 0;
        }
        if (turn !== this.turn) return null;
        this.#tell("done");
        return this.url;
      } catch (fault) {
        if (turn !== this.turn) return null;
        if (!(fault instanceof Told)) throw fault;
        if ((fault.status === 404 || fault.status === 410) && this.url) {
          this.#forget();
          continue;
        }
        if (!AGAIN.has(fault.status ?? -1)) {
          this.#tell("refused");
          throw fault;
        }
        const wait = WAITS_S[Math.min(lost++, WAITS_S.length - 1)];
        this.#tell("waiting", { wait, busy: fault.status !== 0 });
        await this.#rest(wait);
      }
    }
    return null;
  }

  /** Stop for now; `run` goes on. */
  pause() {
    this.#stop();
    this.#tell("paused");
  }

  /** Stop for good and have the service drop what it holds. */
  async drop() {
    this.#stop();
    if (this.url) await dropUpload(this.url);
  }

  #stop() {
    this.turn++;
    this.request?.abort();
    this.wake?.();
  }

  #tell(state, more = {}) {
    if (this.state === state && state !== "waiting") return;
    this.state = state;
    this.on.state?.(state, more);
  }

  #forget() {
    this.url = null;
    this.offset = 0;
    this.on.url?.(null);
  }

  async #create() {
    const told = Object.entries(this.metadata)
      .filter(([, value]) => value)
      .map(([key, value]) => `${key} ${base64(value)}`);
    const answer = await this.#ask("POST", this.endpoint, {
      "Upload-Length": String(this.file.size),
      "Upload-Metadata": told.join(","),
    });
    const location = answer.getResponseHeader("Location");
    if (!location) throw new Told(502, words.problems.server);
    // Only the path counts: behind a proxy the service may not know its own outer address.
    const path = new URL(location, new URL(this.endpoint, window.location.href));
    const url = path.pathname + path.search;
    this.offset = 0;
    this.on.url?.(url);
    return url;
  }

  /** @param {string} url */
  async #findOffset(url) {
    const answer = await this.#ask("HEAD", url);
    this.offset = Number(answer.getResponseHeader("Upload-Offset") ?? 0);
    this.on.sent?.(this.offset, this.file.size);
  }

  /**
   * @param {number} turn
   * @param {string} url
   */
  async #sendPiece(turn, url) {
    const from = this.offset;
    const body = this.file.slice(from, from + this.piece);
    const began = performance.now();
    const answer = await this.#ask(
      "PATCH",
      url,
      {
        "Upload-Offset": String(from),
        "Content-Type": "application/offset+octet-stream",
      },
      body,
      (sent) => {
        if (turn === this.turn) this.on.sent?.(from + sent, this.file.size);
      },
    );
    const offset = Number(answer.getResponseHeader("Upload-Offset"));
    this.offset = Number.isFinite(offset) && offset > from ? offset : from + body.size;
    this.on.sent?.(this.offset, this.file.size);
    const took = (performance.now() - began) / 1000;
    this.piece = Math.min(LARGEST, Math.max(SMALLEST, this.piece * Math.min(2, Math.max(0.5, PIECE_S / took))));
    this.piece = Math.round(this.piece);
  }

  /**
   * By XMLHttpRequest, since fetch does not tell how much has gone up.
   * @param {string} method
   * @param {string} url
   * @param {Record<string, string>} [headers]
   * @param {Blob|null} [body]
   * @param {((bytes: number) => void)|null} [sent]
   * @returns {Promise<XMLHttpRequest>}
   */
  #ask(method, url, headers = {}, body = null, sent = null) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.open(method, url);
      for (const [name, value] of Object.entries({ ...VERSION, ...headers })) request.setRequestHeader(name, value);
      let still = 0;
      const moved = () => {
        clearTimeout(still);
        still = setTimeout(() => request.abort(), STILL_MS);
      };
      if (sent)
        request.upload.onprogress = (event) => {
          moved();
          sent(event.loaded);
        };
      request.onload = () =>
        request.status >= 200 && request.status < 300 ? resolve(request) : reject(refusal(request));
      request.onerror = request.onabort = request.ontimeout = () => reject(new Told(0, words.problems.unreachable));
      request.onloadend = () => clearTimeout(still);
      if (sent) moved();
      else request.timeout = ANSWER_MS;
      request.send(body);
    });
  }

  /**
   * Wait; a network that comes back, or `pause`, ends it early.
   * @param {number} seconds
   * @returns {Promise<void>}
   */
  #rest(seconds) {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        window.removeEventListener("online", wake);
        resolve();
      };
      const timer = setTimeout(wake, seconds * 1000);
      this.wake = wake;
      window.addEventListener("online", wake);
    });
  }
}

/**
 * Have the service drop what it holds of an upload.
 * @param {string} url
 */
export async function dropUpload(url) {
  await fetch(url, { method: "DELETE", headers: VERSION, signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => null);
}

/** @param {XMLHttpRequest} request */
function refusal(request) {
  let data = null;
  try {
    data = JSON.parse(request.responseText);
  } catch {
    /* words for the status do */
  }
  return toldOf(request.status, data);
}

/** @param {string} text */
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
