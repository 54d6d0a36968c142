/** Filming inside the page: the guide over the live picture, and two seconds of standing tall first. */

import { ApiError } from "../core/api_client.js";
import { announce, el, focusFirst, setChildren, svg } from "../core/dom.js";
import { navigate } from "../core/router.js";
import { buildClipOptions } from "../sessions/session_clips.js";
import { loadOpenSession } from "../sessions/session_store.js";
import { messages } from "../text/messages.js";
import { fileButton, getDraftOptions, submitClip } from "./clip_intake.js";
import { drawPerson } from "./filming_guide.js";
import { button, heading, problemBox } from "./page_parts.js";

const STAND_TALL_S = 2;
const RECORDING_TYPES = [
  "video/mp4;codecs=avc1.42E01E",
  "video/mp4",
  "video/webm;codecs=vp9",
  "video/webm;codecs=vp8",
  "video/webm",
];

/** With `step`, the clip is for this step of the client's open session, which determines its options. */
export async function renderFilmView(root, { client = null, step = null }) {
  const session = step === null ? null : await loadOpenSession(client);
  if (step !== null && !session?.steps[Number(step)]) return navigate(`session/${client}`, { replace: true });
  const options = session
    ? buildClipOptions(session, Number(step))
    : { ...(client ? { client } : {}), ...getDraftOptions() };
  const live = el("video", {
    autoplay: true,
    playsinline: true,
    muted: true,
    class: "live",
    "aria-hidden": "true",
    tabindex: "-1",
  });
  live.muted = true;
  const countdown = el("p", { class: "count", hidden: true });
  const picture = el("div", { class: "filming" }, live, buildGuideOverlay(), countdown);
  const actions = el("div", { class: "actions" });
  const problems = el("div", {});
  const submit = async (file) => {
    try {
      const place = session && { session: session.id, client, name: session.steps[Number(step)].name };
      const clip = await submitClip(file, options, place);
      navigate(`send/${clip.entry.id}`, { replace: true });
    } catch (error) {
      setChildren(problems, problemBox(error));
    }
  };
  setChildren(root, heading(messages.film.title), picture, problems, actions);

  let facingMode = "environment";
  /** @type {MediaStream|null} */
  let stream = null;
  let hasLeft = false;
  /** @type {number[]} */
  let timers = [];
  const requestCamera = () =>
    navigator.mediaDevices.getUserMedia({
      audio: false,
      video: {
        facingMode: { ideal: facingMode },
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30 },
      },
    });
  const closeCamera = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
  };
  const openCamera = async () => {
    closeCamera();
    setChildren(actions, el("p", { class: "waiting", text: messages.film.wait }));
    /** @type {MediaStream} */
    let opened;
    try {
      opened = await requestCamera();
    } catch {
      setChildren(problems, problemBox(new ApiError(null, messages.film.refused)));
      setChildren(actions, fileButton(messages.film.phoneCamera, "film", submit, { capture: true, primary: true }));
      return;
    }
    stream = opened;
    if (hasLeft) return void closeCamera();
    live.srcObject = opened;
    showReady(opened);
  };
  /** @param {MediaStream} camera */
  const showReady = (camera) =>
    setChildren(
      actions,
      button(messages.film.switchCamera, async () => {
        facingMode = facingMode === "environment" ? "user" : "environment";
        await openCamera();
        focusFirst(actions, "button, input");
      }),
      button(messages.film.start, () => record(camera), "primary"),
    );

  /** @param {MediaStream} camera */
  function record(camera) {
    const mimeType = RECORDING_TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const recorder = new MediaRecorder(camera, { ...(mimeType ? { mimeType } : {}), videoBitsPerSecond: 6_000_000 });
    /** @type {Blob[]} */
    const parts = [];
    const startedAt = performance.now();
    recorder.ondataavailable = (event) => event.data.size && parts.push(event.data);
    recorder.onstop = () => {
      if (hasLeft) return;
      showFilmed(camera, new Blob(parts, { type: recorder.mimeType }), (performance.now() - startedAt) / 1000);
    };
    recorder.start(1000);
    const stop = button(
      messages.film.stop,
      () => {
        timers.forEach(clearTimeout);
        countdown.hidden = true;
        recorder.stop();
      },
      "primary recording",
    );
    setChildren(actions, stop);
    stop.focus();
    countDown();
  }

  function countDown() {
    countdown.hidden = false;
    announce(messages.film.tall);
    const show = (text, number = "") =>
      setChildren(countdown, el("span", { text }), number && el("strong", { text: number }));
    timers = Array.from({ length: STAND_TALL_S }, (_, n) =>
      setTimeout(() => show(messages.film.tall, String(STAND_TALL_S - n)), 1000 * n),
    );
    timers.push(
      setTimeout(() => {
        show(messages.film.go);
        announce(messages.film.go);
      }, 1000 * STAND_TALL_S),
    );
    timers.push(
      setTimeout(
        () => {
          countdown.hidden = true;
        },
        1000 * (STAND_TALL_S + 1),
      ),
    );
  }

  /**
   * @param {MediaStream} camera
   * @param {Blob} blob
   * @param {number} seconds
   */
  function showFilmed(camera, blob, seconds) {
    const extension = blob.type.includes("mp4") ? "mp4" : "webm";
    const stamp = new Date().toISOString().slice(0, 16).replace("T", " ").replace(":", ".");
    const file = new File([blob], `${stamp}.${extension}`, { type: blob.type.split(";")[0] });
    announce(messages.film.ready(Math.round(seconds)));
    setChildren(
      actions,
      el("p", { class: "status", text: messages.time.seconds(Math.round(seconds)) }),
      button(messages.film.redo, () => showReady(camera)),
      button(messages.film.use, () => submit(file), "primary"),
    );
  }

  openCamera();
  return () => {
    hasLeft = true;
    timers.forEach(clearTimeout);
    closeCamera();
  };
}

/** Build the outline for the person to fill, with the line for the hips. */
function buildGuideOverlay() {
  return svg(
    "svg",
    { class: "guide-over", viewBox: "0 0 160 220", preserveAspectRatio: "xMidYMid meet", "aria-hidden": "true" },
    svg("path", { d: "M30 30V14H46M114 14H130V30M130 190V206H114M46 206H30V190" }),
    svg("path", { class: "hips", d: "M10 112H150" }),
    svg("text", { x: 150, y: 124, "text-anchor": "end" }, messages.film.line),
    svg("g", { transform: "translate(80 204) scale(1.9)" }, drawPerson()),
  );
}
