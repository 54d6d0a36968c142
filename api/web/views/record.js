/** Filming inside the page, with the guide drawn over the live picture and two seconds of standing tall. */

import { Told } from "../api.js";
import { announce, el, focusIn, put, svg } from "../dom.js";
import { ownerKey } from "../facts.js";
import { figure } from "../guide.js";
import { go } from "../router.js";
import { optionsOf } from "../session_clips.js";
import { goingOn } from "../sessions.js";
import { words } from "../words.js";
import { heading, problemBox } from "./common.js";
import { begin, fileButton, loadOf, optionsKept } from "./home.js";

const TALL_S = 2;
const KINDS = [
  "video/mp4;codecs=avc1.42E01E",
  "video/mp4",
  "video/webm;codecs=vp9",
  "video/webm;codecs=vp8",
  "video/webm",
];

/** `step`: which of the client's session is filmed; then all that goes with the clip is known. */
export async function recordView(root, { client = null, step = null }) {
  const session = step === null ? null : goingOn(ownerKey(), client);
  if (step !== null && !session?.steps[Number(step)]) return go(`session/${client}`, { replace: true });
  const options = session
    ? optionsOf(session, Number(step), loadOf)
    : { ...(client ? { client } : {}), ...optionsKept() };
  const live = el("video", {
    autoplay: true,
    playsinline: true,
    muted: true,
    class: "live",
    "aria-hidden": "true",
    tabindex: "-1",
  });
  live.muted = true;
  const count = el("p", { class: "count", hidden: true });
  const picture = el("div", { class: "filming" }, live, guideOver(), count);
  const actions = el("div", { class: "actions" });
  const told = el("div", {});
  const send = async (file) => {
    try {
      const sending = await begin(file, options, session && { session: session.id, index: Number(step) });
      go(`send/${sending.entry.id}`, { replace: true });
    } catch (problem) {
      put(told, problemBox(problem));
    }
  };
  put(root, heading(words.record.title), picture, told, actions);

  let facing = "environment";
  /** @type {MediaStream|null} */
  let stream = null;
  let left = false;
  /** @type {number[]} */
  let timers = [];
  const camera = () =>
    navigator.mediaDevices.getUserMedia({
      audio: false,
      video: {
        facingMode: { ideal: facing },
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30 },
      },
    });
  const shut = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
  };
  const open = async () => {
    shut();
    put(actions, el("p", { class: "waiting", text: words.record.wait }));
    let opened;
    try {
      opened = await camera();
    } catch {
      put(told, problemBox(new Told(null, words.record.refused)));
      put(actions, fileButton(words.record.other, "film", send, { capture: true, primary: true }));
      return;
    }
    stream = opened;
    if (left) return void shut();
    live.srcObject = opened;
    ready(opened);
  };
  const button = (text, act, more = "") =>
    el("button", { type: "button", class: `button ${more}`, text, on: { click: act } });
  /** @param {MediaStream} filmed */
  const ready = (filmed) =>
    put(
      actions,
      button(words.record.turn, async () => {
        facing = facing === "environment" ? "user" : "environment";
        await open();
        focusIn(actions, "button, input");
      }),
      button(words.record.start, () => record(filmed), "primary"),
    );

  /** @param {MediaStream} filmed */
  function record(filmed) {
    const kind = KINDS.find((one) => MediaRecorder.isTypeSupported(one));
    const recorder = new MediaRecorder(filmed, { ...(kind ? { mimeType: kind } : {}), videoBitsPerSecond: 6_000_000 });
    /** @type {Blob[]} */
    const parts = [];
    const began = performance.now();
    recorder.ondataavailable = (event) => event.data.size && parts.push(event.data);
    recorder.onstop = () => {
      if (left) return;
      finished(filmed, new Blob(parts, { type: recorder.mimeType }), (performance.now() - began) / 1000);
    };
    recorder.start(1000);
    const stop = button(
      words.record.stop,
      () => {
        timers.forEach(clearTimeout);
        count.hidden = true;
        recorder.stop();
      },
      "primary recording",
    );
    put(actions, stop);
    stop.focus();
    standTall();
  }

  function standTall() {
    count.hidden = false;
    announce(words.record.tall);
    const say = (text, big) => put(count, el("span", { text }), big ? el("strong", { text: big }) : null);
    timers = Array.from({ length: TALL_S }, (_, n) =>
      setTimeout(() => say(words.record.tall, String(TALL_S - n)), 1000 * n),
    );
    timers.push(
      setTimeout(() => {
        say(words.record.go);
        announce(words.record.go);
      }, 1000 * TALL_S),
    );
    timers.push(
      setTimeout(
        () => {
          count.hidden = true;
        },
        1000 * (TALL_S + 1),
      ),
    );
  }

  /**
   * @param {MediaStream} filmed
   * @param {Blob} blob
   * @param {number} seconds
   */
  function finished(filmed, blob, seconds) {
    const ending = blob.type.includes("mp4") ? "mp4" : "webm";
    const stamp = new Date().toISOString().slice(0, 16).replace("T", " ").replace(":", ".");
    const file = new File([blob], `${stamp}.${ending}`, { type: blob.type.split(";")[0] });
    announce(words.record.ready(Math.round(seconds)));
    put(
      actions,
      el("p", { class: "status", text: `${words.time.seconds(Math.round(seconds))}` }),
      button(words.record.redo, () => ready(filmed)),
      button(words.record.use, () => send(file), "primary"),
    );
  }

  open();
  return () => {
    left = true;
    timers.forEach(clearTimeout);
    shut();
  };
}

/** A person's outline to fill, and the line the hips belong on. */
function guideOver() {
  return svg(
    "svg",
    { class: "guide-over", viewBox: "0 0 160 220", preserveAspectRatio: "xMidYMid meet", "aria-hidden": "true" },
    svg("path", { d: "M30 30V14H46M114 14H130V30M130 190V206H114M46 206H30V190" }),
    svg("path", { class: "hips", d: "M10 112H150" }),
    svg("text", { x: 150, y: 124, "text-anchor": "end" }, words.record.line),
    svg("g", { transform: "translate(80 204) scale(1.9)" }, figure()),
  );
}
