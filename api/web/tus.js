/** Uploading in pieces by tus 1.0: goes on where it stopped, waits out a lost network. */

import { Told, toldOf } from "./api.js";
import { words } from "./words.js";

const VERSION = { "Tus-Resumable": "1.0.0" };
const SMALLEST = 1 << 20; // a lost piece costs little on a slow network; chosen
const LARGEST = 16 << 20; // chosen
const PIECE_S = 2; // a piece should take about this long; chosen
const WAITS_S = [0.5, 1, 2, 4, 8, 15, 30]; // the last one repeats; chosen
const STILL_MS = 30000; // no byte has gone for this long: the network went without a word; chosen
const AGAIN = new Set([0, 408, 409, 423, 425, 429, 500, 502, 503, 504]);

/**
 * One file on its way. `on` is told: state (text, and {wait, busy} where it waits: seconds, and whether the service asks
 * for that), sent (bytes, total), url (address).
 */
export class Upload {
  constructor(file, { endpoint = null, url = null, metadata = {}, on = {} }) {
    Object.assign(this, { file, endpoint, url, metadata, on });
    this.state = "idle";
    this.offset = 0;
    this.piece = SMALLEST;
    this.turn = 0;
    this.request = null;
  }

  /** Send until it is all there; resolves to the upload's address. Throws Told when the service refuses it. */
  async run() {
    const turn = ++this.turn;
    let lost = 0;
    while (turn === this.turn) {
      try {
        this.#tell("sending");
        if (!this.url) await this.#create();
        else await this.#findOffset();
        while (turn === this.turn && this.offset < this.file.size) {
          await this.#sendPiece(turn);
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
        if (!AGAIN.has(fault.status)) {
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
    if (this.url) await this.#ask("DELETE", this.url).catch(() => null);
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
    this.url = path.pathname + path.search;
    this.offset = 0;
    this.on.url?.(this.url);
  }

  async #findOffset() {
    const answer = await this.#ask("HEAD", this.url);
    this.offset = Number(answer.getResponseHeader("Upload-Offset") ?? 0);
    this.on.sent?.(this.offset, this.file.size);
  }

  async #sendPiece(turn) {
    const from = this.offset;
    const body = this.file.slice(from, from + this.piece);
    const began = performance.now();
    const answer = await this.#ask(
      "PATCH",
      this.url,
      {
        "Upload-Offset": String(from),
        "Content-Type": "application/offset+octet-stream",
      },
      body,
      (sent) => turn === this.turn && this.on.sent?.(from + sent, this.file.size),
    );
    const offset = Number(answer.getResponseHeader("Upload-Offset"));
    this.offset = Number.isFinite(offset) && offset > from ? offset : from + body.size;
    this.on.sent?.(this.offset, this.file.size);
    const took = (performance.now() - began) / 1000;
    this.piece = Math.min(LARGEST, Math.max(SMALLEST, this.piece * Math.min(2, Math.max(0.5, PIECE_S / took))));
    this.piece = Math.round(this.piece);
  }

  /** By XMLHttpRequest, since fetch does not tell how much has gone up. */
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
      else request.timeout = 20000;
      request.send(body);
    });
  }

  /** Wait; a network that comes back, or `pause`, ends it early. */
  #rest(seconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake(), seconds * 1000);
      this.wake = () => {
        clearTimeout(timer);
        window.removeEventListener("online", this.wake);
        resolve();
      };
      window.addEventListener("online", this.wake);
    });
  }
}

function refusal(request) {
  let data = null;
  try {
    data = JSON.parse(request.responseText);
  } catch {
    /* words for the status do */
  }
  return toldOf(request.status, data);
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
