/** The upload of a clip: its progress, pause and resume, and picking the file again after the tab was closed. */

import { ApiError } from "../core/api_client.js";
import { confirmAction } from "../core/dialogs.js";
import { announce, el, focusFirst, setChildren } from "../core/dom.js";
import { navigate } from "../core/router.js";
import { getSessionPath } from "../sessions/session_store.js";
import { formatBytes, formatDuration } from "../text/formatting.js";
import { messages } from "../text/messages.js";
import {
  dropUpload,
  getCompletedUpload,
  openUpload,
  pauseUpload,
  resumeUpload,
  resumeWithFile,
} from "../upload/clip_upload.js";
import { findPendingUpload } from "../upload/pending_uploads.js";
import { fileButton } from "./clip_intake.js";
import { button, heading, problemBox, showErrorPage } from "./page_parts.js";

/** Render the view of an upload. */
export async function renderUploadView(root, { id }) {
  const entry = findPendingUpload(id);
  const completed = entry ? null : getCompletedUpload(id);
  if (completed) return navigate(getClipPath(completed.analysis, completed.step), { replace: true });
  if (!entry) return showErrorPage(root, new ApiError(404, messages.upload.gone));
  const clip = await openUpload(entry);
  import("./clip_page.js").catch(() => null); // the next view, loaded while the clip is sent
  const bar = el("progress", { max: "1", value: 0, "aria-label": messages.upload.sending });
  const status = el("p", { class: "status" });
  const amount = el("p", { class: "quiet" });
  const actions = el("div", { class: "actions" });
  const problems = el("div", {});
  setChildren(
    root,
    heading(messages.upload.title),
    el("p", { class: "file-name", text: entry.name }),
    bar,
    status,
    amount,
    problems,
    el("p", { class: "quiet", text: messages.upload.stay }),
    actions,
  );
  const estimateTimeLeft = createTimeEstimator();
  let drawnState = "";

  const draw = () => {
    const { state } = clip;
    if (state === "done") return navigate(getClipPath(clip.analysis.id, entry.step), { replace: true });
    bar.value = entry.size ? clip.sent / entry.size : 0;
    const left_s = state === "sending" ? estimateTimeLeft(clip.sent, entry.size) : null;
    amount.textContent = [
      messages.common.amount(formatBytes(clip.sent), formatBytes(entry.size)),
      left_s ? messages.common.timeLeft(formatDuration(left_s)) : null,
    ]
      .filter(Boolean)
      .join(" · ");
    const text =
      {
        queued: messages.upload.queued,
        sending: messages.upload.sending,
        waiting: messages.upload[clip.busy ? "busy" : "waiting"](Math.ceil(clip.wait)),
        paused: messages.upload.paused,
        handing_over: messages.upload.handingOver,
        needs_file: entry.is_recording ? messages.upload.lost(entry.name) : messages.upload.needsFile(entry.name),
        recording: messages.upload.recording,
        refused: messages.upload.refused,
      }[state] ?? messages.common.loading;
    if (status.textContent !== text) {
      status.textContent = text;
      announce(text);
    }
    if (state === drawnState) return undefined;
    drawnState = state;
    const hadFocus = actions.contains(document.activeElement);
    setChildren(problems, state === "refused" ? problemBox(clip.error) : null);
    // A complete upload can be stopped again once its analysis exists.
    actions.hidden = state === "handing_over" || state === "recording";
    setChildren(actions, actions.hidden ? null : [buildDropButton(), buildMainAction(state)]);
    if (hadFocus) focusFirst(actions, "button, input");
    return undefined;
  };

  const buildDropButton = () =>
    button(messages.upload.drop, async () => {
      if (!(await confirmAction(messages.upload.dropTitle, messages.upload.dropText, messages.upload.drop))) return;
      await dropUpload(entry);
      navigate(getSessionPath(entry.step) ?? "", { replace: true });
    });
  const buildMainAction = (state) => {
    if (state === "sending" || state === "waiting")
      return button(messages.upload.pause, () => pauseUpload(clip), "primary");
    if (state === "paused") return button(messages.upload.resume, () => resumeUpload(clip), "primary");
    if (state === "refused" && clip.upload) return button(messages.common.again, () => resumeUpload(clip), "primary");
    if (state !== "needs_file" || entry.is_recording) return null;
    return fileButton(
      messages.upload.pick,
      "folder",
      async (file) => {
        if (!(await resumeWithFile(clip, file)))
          setChildren(problems, problemBox(new ApiError(null, messages.upload.otherFile)));
      },
      { primary: true },
    );
  };

  clip.addEventListener("change", draw);
  draw();
  return () => clip.removeEventListener("change", draw);
}

/** Get the path that shows an analysis: its session while that is open, else its clip. */
const getClipPath = (analysis, step) => getSessionPath(step) ?? `clips/${analysis}`;

/** Create a function that estimates the seconds left from the speed of the last ten; null until there is one. */
function createTimeEstimator() {
  const samples = [];
  return (sent, total) => {
    const now = performance.now() / 1000;
    samples.push([now, sent]);
    while (samples.length > 2 && now - samples[0][0] > 10) samples.shift();
    const [firstTime, firstSent] = samples[0];
    const rate = (sent - firstSent) / (now - firstTime);
    return now - firstTime > 1 && rate > 0 ? (total - sent) / rate : null;
  };
}
