/** The open session: the next step first, then all steps in order with the state of their clips. */

import { watchAnalyses } from "../../core/analysis_updates.js";
import { getOwnerKey } from "../../core/current_user.js";
import { el, focusFirst, setChildren } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { isShown, navigate, renderRoute } from "../../core/router.js";
import { hasUnsentChanges, sessionEvents } from "../../sessions/session_changes.js";
import { findNextStep, loadClipStatuses } from "../../sessions/session_clips.js";
import { changeStep, deleteSession, findStepUpload, getSession, setFinished } from "../../sessions/session_store.js";
import { formatDay, formatTime } from "../../text/formatting.js";
import { messages } from "../../text/messages.js";
import { uploadEvents } from "../../upload/clip_upload.js";
import { button, heading, runAction } from "../page_parts.js";
import { createNextStep } from "./session_next_step.js";

const MINUTE_MS = 60_000;
const MAX_MINUTES = 180; // later the start time says more than the minutes; chosen

/**
 * @param {HTMLElement} root
 * @param {{name: string}} client
 * @param {import("../../sessions/session_store.js").Session} openSession
 */
export async function renderSessionSteps(root, client, openSession) {
  let session = openSession;
  const statuses = await loadClipStatuses(session);
  if (!isShown(root)) return null;
  const time = el("span", {});
  const unsent = el("p", { class: "status", role: "status", text: messages.session.unsent, hidden: true });
  const nextStep = el("div", {});
  const list = el("ol", { class: "plain-list card steps" });
  const end = el("div", { class: "stack" });
  const actions = el("div", { class: "actions" });
  let nextIndex = -1; // of the step that is shown first; -1 once all are done
  /** @type {ReturnType<typeof createNextStep>|null} */
  let nextCard = null;

  const drawTime = () => {
    time.textContent = formatElapsed(session);
  };
  const draw = () => {
    nextIndex = findNextStep(session, statuses);
    nextCard =
      nextIndex < 0 ? null : createNextStep(session, nextIndex, statuses, (fields) => change(nextIndex, fields));
    setChildren(nextStep, nextCard ? nextCard.node : buildAllDoneCard());
    setChildren(actions, nextCard ? nextCard.clipButtons : finishButton(messages.session.finish, "primary"));
    actions.hidden = !actions.children.length;
    drawList();
  };
  const drawList = () => {
    setChildren(list, session.steps.map(buildRow));
    setChildren(end, buildEnding());
  };
  /** Show new statuses of clips, without drawing the next step again while somebody types in it. */
  const showUpdates = () => {
    if (findNextStep(session, statuses) !== nextIndex) return draw();
    nextCard?.suggestCues();
    return drawList();
  };
  /** Store a decision of the coach about a step; the next step is shown and announced. */
  const change = (index, fields) => {
    const updated = changeStep(session.id, session.steps[index].name, fields);
    if (!updated) return renderRoute(); // the session was deleted in another tab
    session = updated;
    draw();
    focusFirst(nextStep, "h2", { preventScroll: true });
    return window.scrollTo(0, 0);
  };

  function buildRow(step, index) {
    const { title } = step;
    const status = statuses.get(step.analysis);
    const sending = findStepUpload(session.id, step.name);
    const isDone = step.noted || status?.status === "done";
    const href = sending ? `#/send/${sending}` : status ? `#/clips/${status.id}` : null;
    const cue = step.cue.trim();
    const text = el(
      "span",
      { class: "over-text" },
      el("strong", { text: title }),
      cue && index !== nextIndex && el("span", { text: messages.session.quote(cue) }),
      el("span", { class: "quiet", text: getStateText(step, status, sending) }),
    );
    // Steps are done in order, so only those before the next one can be done again.
    const isPast = nextIndex < 0 || index < nextIndex;
    return el(
      "li",
      { class: "step", "aria-current": index === nextIndex ? "step" : null },
      el("span", { class: isDone ? "step-mark done" : "step-mark" }, isDone ? icon("check") : String(index + 1)),
      href ? el("a", { class: "line-link", href }, text) : el("span", { class: "line-link" }, text),
      isPast && (isDone || step.skipped) && buildRepeatButton(step, index, title),
    );
  }

  function buildRepeatButton(step, index, title) {
    const text = step.skipped ? messages.session.now : messages.session.again;
    const fields = step.skipped ? { skipped: false } : { redo: true };
    return button(text, () => change(index, fields), "small", { "aria-label": `${text}: ${title}` });
  }

  const finishButton = (text, className = "") =>
    button(
      text,
      async () => {
        await setFinished(session.id, true);
        navigate(`session/${session.client}/${session.id}`, { replace: true });
      },
      className,
    );

  /** Build the button that ends the session early: with its card, or, if there is nothing to show, without. */
  function buildEnding() {
    if (nextIndex < 0) return null;
    if (session.steps.some(({ name, analysis, noted }) => analysis || noted || findStepUpload(session.id, name)))
      return finishButton(messages.session.finishNow);
    const stopButton = button(messages.session.stop, () =>
      runAction(stopButton, async () => {
        await deleteSession(session.id);
        await renderRoute();
      }),
    );
    return stopButton;
  }

  drawTime();
  setChildren(
    root,
    heading(messages.session.title),
    el("p", { class: "quiet" }, `${client.name} · ${session.title}`, el("br"), time),
    unsent,
    nextStep,
    el("h2", { text: messages.session.list }),
    list,
    end,
    actions,
  );
  draw();
  const clock = setInterval(drawTime, MINUTE_MS / 2);
  let stopWatching = watchAnalyses(statuses, showUpdates);
  const onArrival = async () => {
    const current = getSession(session.id);
    const loaded = current && (await loadClipStatuses(current).catch(() => null));
    if (!loaded || !isShown(root)) return;
    session = getSession(session.id) ?? current;
    for (const [id, status] of loaded) statuses.set(id, status);
    stopWatching();
    stopWatching = watchAnalyses(statuses, showUpdates);
    showUpdates();
  };
  uploadEvents.addEventListener("arrival", onArrival);
  const showUnsent = () => {
    unsent.hidden = !hasUnsentChanges(getOwnerKey());
  };
  const onGone = (event) => event.detail === session.id && renderRoute();
  sessionEvents.addEventListener("change", showUnsent);
  sessionEvents.addEventListener("gone", onGone);
  showUnsent();
  return () => {
    sessionEvents.removeEventListener("change", showUnsent);
    sessionEvents.removeEventListener("gone", onGone);
    clearInterval(clock);
    stopWatching();
    uploadEvents.removeEventListener("arrival", onArrival);
  };
}

function buildAllDoneCard() {
  return el(
    "section",
    { class: "card can", "aria-labelledby": "next-title" },
    el("h2", { id: "next-title", tabindex: "-1", text: messages.session.allDone }),
    el("p", { text: messages.session.allDoneText }),
  );
}

/** Get the state of a step in a word; of a finished note, the note itself. */
function getStateText(step, status, sending) {
  if (sending) return messages.session.sending;
  if (step.noted) return step.note.trim();
  if (step.skipped) return messages.session.skipped;
  if (status?.status === "unknown") return messages.session.unknown;
  return status ? messages.clips.status[status.status] : messages.session.todo[step.movement ? "film" : "note"];
}

function formatElapsed({ started_at, minutes: about }) {
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(started_at)) / MINUTE_MS));
  return minutes > MAX_MINUTES
    ? messages.session.since(formatDay(started_at), formatTime(started_at))
    : messages.session.minutes(minutes, about);
}
