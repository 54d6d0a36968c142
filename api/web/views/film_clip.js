/** Filming inside the page: the guide over the live picture, by a tap or hands-free. */

import { Camera } from "../camera/camera.js";
import { ClipRecorder } from "../camera/clip_recorder.js";
import { readPreference, storePreference } from "../camera/filming_preferences.js";
import { ScreenLock } from "../camera/screen_lock.js";
import { ApiError } from "../core/api_client.js";
import { confirmAction } from "../core/dialogs.js";
import { announce, el, focusFirst, getElement, setChildren, showToast } from "../core/dom.js";
import { navigate } from "../core/router.js";
import { loadGuideFiles } from "../live/guide_files.js";
import { LevelSensor } from "../live/level_sensor.js";
import { Speaker } from "../live/speech.js";
import { buildClipOptions } from "../sessions/session_clips.js";
import { loadOpenSession } from "../sessions/session_store.js";
import { messages } from "../text/messages.js";
import { RecordingUpload } from "../upload/recording_upload.js";
import { fileButton, getDraftOptions, setDraftOptions, submitClip } from "./clip_intake.js";
import { bindFilmKeys } from "./film_keys.js";
import { buildGuideOverlay, Countdown, fitOverlayToPicture } from "./film_overlay.js";
import { button, heading, problemBox } from "./page_parts.js";

const FILES_AGAIN_MS = 15_000; // between two checks whether the service has the guide's files; chosen
const FILES_TRIES = 10;

/** With `step`, the clip is for this step of the client's open session, which determines its options. */
export async function renderFilmView(root, { client = null, step = null }) {
  const session = step === null ? null : await loadOpenSession(client);
  if (step !== null && !session?.steps[Number(step)]) return navigate(`session/${client}`, { replace: true });
  const options = session
    ? buildClipOptions(session, Number(step))
    : { ...(client ? { client } : {}), ...getDraftOptions() };
  const place = session && { session: session.id, client, name: session.steps[Number(step)].name };
  const view = new FilmView(root, options, place);
  view.open();
  return () => view.leave();
}

/** The camera view, from the opening of the camera until the clip is handed over. */
class FilmView {
  /**
   * @param {Element} root
   * @param {Record<string, any>} options fields of POST /v1/analyses
   * @param {import("../upload/clip_upload.js").SessionPlace|null} place
   */
  constructor(root, options, place) {
    this.options = options;
    this.place = place;
    this.live = el("video", {
      autoplay: true,
      playsinline: true,
      muted: true,
      class: "live",
      "aria-hidden": "true",
      tabindex: "-1",
    });
    this.live.muted = true;
    this.overlay = buildGuideOverlay();
    this.countdown = new Countdown();
    this.picture = el("div", { class: "filming" }, this.live, this.overlay, this.countdown.node);
    fitOverlayToPicture(this.overlay, this.live);
    this.switches = el("div", { class: "film-switches", hidden: true });
    this.problems = el("div", { class: "film-problems" });
    this.actions = el("div", { class: "actions" });
    setChildren(root, heading(messages.film.title), this.picture, this.switches, this.problems, this.actions);
    this.camera = new Camera(this.live);
    this.camera.onLost = () => this.#orShowProblem(() => this.handleLostCamera());
    this.screenLock = new ScreenLock();
    this.level = new LevelSensor();
    this.speaker = new Speaker(readPreference("speech"));
    this.isHandsFree = readPreference("hands-free");
    /** @type {import("../live/live_guide.js").LiveGuide|null} */
    this.guide = null;
    /** @type {ClipRecorder|null} */
    this.recorder = null;
    /** @type {RecordingUpload|null} */
    this.upload = null;
    /** @type {Promise<Blob>|null} the clip, once filming was stopped */
    this.clip = null;
    this.hasGuideStarted = false;
    this.hasLeft = false;
    this.isHandedOver = false;
    this.timer = 0;
    this.isIosSensor = "requestPermission" in (window.DeviceOrientationEvent ?? {});
    // iOS gives the level only after a tap.
    if (this.isIosSensor) root.addEventListener("click", () => this.level.start(), { once: true });
    this.onVisibility = () => this.#orShowProblem(() => this.handleVisibility());
    document.addEventListener("visibilitychange", this.onVisibility);
    this.unbindKeys = bindFilmKeys({
      press: () => /** @type {HTMLElement|null} */ (this.actions.querySelector("button.primary"))?.click(),
      leave: () => this.askToLeave(),
      wouldLose: () => this.upload !== null,
    });
  }

  /** Open the camera, then start the guide. */
  async open() {
    if (!this.isIosSensor) this.level.start();
    await this.openCamera(() => this.camera.open());
  }

  /** @param {() => Promise<MediaStream|null>} open */
  async openCamera(open) {
    setChildren(this.problems);
    this.#setActions(el("p", { class: "waiting", text: messages.film.wait }));
    try {
      if (!(await open())) return;
    } catch {
      if (!this.hasLeft) this.showPhoneCamera(messages.film.refused);
      return;
    }
    this.picture.hidden = false;
    this.level.isFront = this.camera.isFront;
    this.showReady();
    if (this.hasGuideStarted) return;
    this.hasGuideStarted = true;
    this.screenLock.hold();
    this.startGuide(FILES_TRIES);
  }

  /**
   * Offer the phone's own camera in place of this view.
   * @param {string} reason
   */
  showPhoneCamera(reason) {
    this.picture.hidden = true;
    setChildren(this.problems, problemBox(new ApiError(null, reason)));
    const submit = (file) => this.#orShowProblem(() => this.submitFile(file));
    this.#setActions(
      button(messages.common.again, () => this.openCamera(() => this.camera.open())),
      fileButton(messages.film.phoneCamera, "film", submit, { capture: true, primary: true }),
    );
  }

  showReady() {
    if (!this.camera.isOpen) return this.showReopen();
    this.#setActions(
      button(messages.film.switchCamera, () => {
        this.#discardRecording();
        return this.openCamera(() => this.camera.switch());
      }),
      button(messages.film.start, () => this.startByTap(), "primary"),
    );
    this.guide?.setPaused(false);
  }

  showReopen() {
    this.#setActions(button(messages.film.reopen, () => this.openCamera(() => this.camera.open()), "primary"));
  }

  /** Keep what was filmed until the phone took the camera away. */
  async handleLostCamera() {
    if (this.upload && this.recorder) await this.stop({ isHandsFree: false });
    else if (!this.upload) {
      this.#discardRecording();
      this.showReopen();
    }
    if (!this.hasLeft) setChildren(this.problems, problemBox(new ApiError(null, messages.film.lost)));
  }

  /** Stop when the page is hidden: the camera gives no pictures then, and a clip with a gap is of no use. */
  async handleVisibility() {
    if (!document.hidden || !this.recorder) return;
    if (!this.upload) return this.guide?.setHandsFree(this.isHandsFree); // armed: it begins again
    await this.stop({ isHandsFree: false });
    if (!this.hasLeft) setChildren(this.problems, problemBox(new ApiError(null, messages.film.hidden)));
  }

  /** Leave; first ask whether to, if a clip would be lost. */
  async askToLeave() {
    const { leaveTitle, leaveText, leaveAction } = messages.film;
    if (this.upload && !(await confirmAction(leaveTitle, leaveText, leaveAction))) return;
    this.#discardRecording();
    if (!this.hasLeft) navigate((getElement("back").getAttribute("href") ?? "").replace(/^#\//, ""));
  }

  /** Start the live guide as soon as its files are there; until then, and without it, the still picture guides. */
  async startGuide(tries) {
    const files = await loadGuideFiles();
    const module = files && (await import("../live/live_guide.js").catch(() => null));
    if (this.hasLeft) return;
    if (!files || !module) {
      if (tries > 1) this.timer = setTimeout(() => this.startGuide(tries - 1), FILES_AGAIN_MS);
      return;
    }
    this.guide = new module.LiveGuide({
      video: this.live,
      picture: this.picture,
      files,
      movement: this.options.movement ?? "auto",
      variant: this.options.variant ?? null,
      speaker: this.speaker,
      getRoll: () => this.level.roll_deg,
      onAction: (action) => this.act(action),
      onRunning: (isRunning) => this.showGuide(isRunning),
    });
    this.guide.start();
  }

  /** @param {boolean} isRunning */
  showGuide(isRunning) {
    const isShown = !this.switches.hidden;
    this.overlay.toggleAttribute("hidden", isRunning);
    this.switches.hidden = !isRunning;
    if (!isRunning) {
      if (this.recorder && !this.upload) this.#discardRecording(); // armed: nobody would stop it
      this.guide = null;
      return;
    }
    this.guide?.setHandsFree(this.isHandsFree);
    if (isShown) return; // it has changed to another way to compute
    if (this.upload && this.recorder)
      this.guide?.beginSet(); // a tap was first
    else if (this.upload) this.guide?.setPaused(true);
    setChildren(
      this.switches,
      Speaker.isAvailable &&
        buildSwitch(messages.film.speak, this.speaker.isOn, (isOn) => {
          this.speaker.isOn = isOn;
          storePreference("speech", isOn);
          if (isOn) this.speaker.say(messages.film.speaking);
          else this.speaker.stop();
        }),
      buildSwitch(messages.film.handsFree, this.isHandsFree, (isOn) => {
        this.isHandsFree = isOn;
        storePreference("hands-free", isOn);
        this.guide?.setHandsFree(isOn);
        if (isOn) showToast(messages.film.handsFreeHint);
      }),
    );
  }

  /**
   * Follow the guide, hands-free. Recording starts with the tall stance, before it is certain that a set follows.
   * @param {import("../live/live_guide.js").GuideAction} action
   */
  act(action) {
    if (action === "arm" && !this.recorder) this.#startRecorder();
    else if (action === "disarm" && !this.upload) this.#discardRecording();
    else if (action === "start" && this.recorder && !this.upload) {
      this.#startUpload();
      this.showRecording();
    } else if (action === "stop") this.stop({ isHandsFree: true });
  }

  startByTap() {
    this.guide?.beginSet();
    this.#discardRecording();
    this.#startRecorder();
    if (!this.recorder) return;
    this.#startUpload();
    this.showRecording();
    this.countdown.start();
  }

  showRecording() {
    setChildren(this.problems);
    this.#setActions(button(messages.film.stop, () => this.stop({ isHandsFree: false }), "primary recording"));
  }

  /** Stop recording; hands-free, the clip is used at once. */
  async stop({ isHandsFree }) {
    const { recorder } = this;
    if (!recorder) return;
    this.countdown.stop();
    this.recorder = null;
    this.guide?.setPaused(true);
    this.guide?.endSet();
    this.clip = recorder.stop();
    const clip = await this.clip;
    if (this.hasLeft) return;
    const seconds = Math.round(recorder.duration_s);
    announce(messages.film.ready(seconds));
    this.#setActions(
      el("p", { class: "status", text: messages.time.seconds(seconds) }),
      button(messages.film.redo, () => {
        if (!this.upload) return; // it is being used
        this.#discardRecording();
        setChildren(this.problems);
        this.showReady();
      }),
      button(messages.film.use, () => this.#orShowProblem(() => this.use(clip)), "primary"),
    );
    if (isHandsFree) await this.#orShowProblem(() => this.use(clip));
  }

  /** @param {Blob} clip */
  async use(clip) {
    const { upload } = this;
    if (!upload) return;
    this.upload = null; // a second tap does nothing
    const entry = await upload.finish(clip).catch((error) => {
      this.upload = upload;
      throw error;
    });
    setDraftOptions({});
    this.#showUpload(entry.id);
  }

  /** Send a file of the phone's own camera. */
  async submitFile(file) {
    this.#showUpload((await submitClip(file, this.options, this.place)).entry.id);
  }

  /** @param {string} id */
  #showUpload(id) {
    this.isHandedOver = true;
    if (!this.hasLeft) navigate(`send/${id}`, { replace: true });
  }

  #startRecorder() {
    if (!this.camera.stream) return;
    try {
      this.recorder = new ClipRecorder(this.camera.stream);
    } catch {
      if (this.camera.isOpen) this.showPhoneCamera(messages.film.noRecorder);
      else this.showReopen();
    }
  }

  /** Send what is recorded, and the parts to come. */
  #startUpload() {
    const { recorder } = this;
    if (!recorder) return;
    const upload = new RecordingUpload();
    this.upload = upload;
    upload.start(recorder.type, this.options, this.place);
    recorder.onPart = (part) => upload.append(part);
    for (const part of recorder.parts) upload.append(part);
  }

  #discardRecording() {
    this.recorder?.discard();
    this.recorder = null;
    this.upload?.discard();
    this.upload = null;
  }

  /** Send what was filmed: the browser's own way back leaves without a question, so that nothing may be lost by it. */
  async #sendRecording() {
    const { recorder, upload } = this;
    if (!upload) return this.#discardRecording();
    this.recorder = this.upload = null;
    const clip = await (recorder ? recorder.stop() : this.clip);
    if (!clip) return upload.discard();
    await upload.finish(clip);
  }

  /** Show these buttons. The focus stays with them; it comes to the main one unless it is elsewhere in the page. */
  #setActions(...children) {
    setChildren(this.actions, ...children);
    const { activeElement } = document;
    if (!activeElement || activeElement === document.body || activeElement.id === "main")
      focusFirst(this.actions, "button.primary, .primary input", { preventScroll: true });
  }

  async #orShowProblem(act) {
    try {
      await act();
    } catch (error) {
      setChildren(this.problems, problemBox(error));
    }
  }

  /** Close everything: nothing runs when the view is closed. */
  leave() {
    this.hasLeft = true;
    clearTimeout(this.timer);
    this.unbindKeys();
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.countdown.stop();
    this.guide?.stop();
    if (!this.isHandedOver) this.speaker.stop(); // the last count may be finished
    this.level.stop();
    this.screenLock.release();
    this.#sendRecording().catch(() => {}); // its parts are stored: it stays among the pending uploads
    this.camera.close();
  }
}

/**
 * @param {string} text
 * @param {boolean} isOn
 * @param {(isOn: boolean) => void} onChange
 */
function buildSwitch(text, isOn, onChange) {
  const input = el("input", {
    type: "checkbox",
    role: "switch",
    checked: isOn,
    on: { change: () => onChange(input.checked) },
  });
  return el("label", { class: "tick" }, input, el("span", { text }));
}
