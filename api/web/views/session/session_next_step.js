/** The next step of a session: what to do, its cue, load or note, and the buttons for its clip. */

import { ApiError, get } from "../../core/api_client.js";
import { el, field, setChildren } from "../../core/dom.js";
import { navigate } from "../../core/router.js";
import { buildClipOptions, getLoadInput, setTypedLoad } from "../../sessions/session_clips.js";
import { changeStep, getSession } from "../../sessions/session_store.js";
import { messages } from "../../text/messages.js";
import { numberInput } from "../clip_fields.js";
import { buildClipButtons, submitClip } from "../clip_intake.js";
import { button, problemBox } from "../page_parts.js";

/**
 * Create the card of a step. What is typed is stored at once.
 * @param {import("../../sessions/session_store.js").Session} session
 * @param {number} index of the step
 * @param {Map<string, any>} statuses of the analyses of the session, by id
 * @param {(fields: object) => void} onChange called with the decisions of the coach: skipped, noted, redo
 * @returns {{node: HTMLElement, clipButtons: HTMLElement[], suggestCues: () => void}} `suggestCues` adds the cues of
 *   clips that have become ready
 */
export function createNextStep(session, index, statuses, onChange) {
  const step = session.steps[index];
  const { name, title, instructions, movement } = step;
  const changeTyped = (fields) => changeStep(session.id, name, fields, { typing: true });
  const getCurrent = () => getSession(session.id) ?? session;
  const status = step.analysis === null ? null : statuses.get(step.analysis);
  const problems = el("div", {});
  const cueField = step.has_cue ? createCueField(step.cue, statuses, (cue) => changeTyped({ cue })) : null;
  const showProblem = (error) => {
    setChildren(problems, problemBox(error));
    problems.scrollIntoView({ block: "center" });
  };
  const finishNote = () => {
    if (!getCurrent().steps[index].note.trim()) return showProblem(new ApiError(null, messages.session.needNote));
    return onChange({ noted: true, redo: false });
  };
  const node = el(
    "section",
    { class: "card try", "aria-labelledby": "next-title" },
    el("h2", { id: "next-title", tabindex: "-1", text: messages.session.next(title) }),
    status?.status === "failed" && problemBox(new ApiError(null, status.error?.text ?? messages.progress.failed)),
    el("p", { text: instructions }),
    cueField?.node,
    step.can_be_loaded && createLoadField(session, index),
    !movement && createNoteField(step.note, (note) => changeTyped({ note })),
    problems,
    el(
      "div",
      { class: "row" },
      !movement && button(messages.session.saveNote, finishNote, "primary"),
      step.redo
        ? button(messages.session.keepClip, () => onChange({ redo: false }))
        : button(messages.session.skip, () => onChange({ skipped: true })),
    ),
  );

  /** Get what is sent with the clip, as typed now. Throws ApiError. */
  const getOptions = () => {
    setChildren(problems);
    return buildClipOptions(getCurrent(), index);
  };
  const onFile = async (file) => {
    try {
      const clip = await submitClip(file, getOptions(), { session: session.id, client: session.client, name });
      navigate(`send/${clip.entry.id}`);
    } catch (error) {
      showProblem(error);
    }
  };
  /** Check the options before anything is filmed. */
  const onFilm = (event) => {
    try {
      getOptions();
    } catch (error) {
      event.preventDefault();
      showProblem(error);
    }
  };
  return {
    node,
    clipButtons: movement ? buildClipButtons(`#/film/${session.client}/${index}`, onFile, onFilm) : [],
    suggestCues: () => cueField?.suggestCues(),
  };
}

function createLoadField(session, index) {
  const input = numberInput(getLoadInput(session, index), {
    on: { input: () => setTypedLoad(session, index, input.value) },
  });
  return field(`${messages.newClip.load} (${messages.common.optional})`, input);
}

function createNoteField(note, store) {
  const area = el("textarea", {
    rows: "3",
    maxlength: "500",
    value: note,
    on: { input: () => store(area.value) },
  });
  return field(messages.session.note, area, messages.session.noteHint);
}

/** Create the field for a cue, typed or chosen from the findings of the clips so far. */
function createCueField(cue, statuses, store) {
  const input = el("input", {
    type: "text",
    maxlength: "150",
    autocomplete: "off",
    value: cue,
    on: { input: () => store(input.value) },
  });
  const suggestions = el("div", { class: "suggestions" });
  const cuesByAnalysis = new Map();
  const suggestCues = async () => {
    const ready = [...statuses.values()].filter(({ id, status }) => status === "done" && !cuesByAnalysis.has(id));
    for (const { id } of ready) {
      const result = await get(`analyses/${encodeURIComponent(id)}/result`).catch(() => null);
      if (result) cuesByAnalysis.set(id, result.findings.map((finding) => finding.cue).filter(Boolean));
    }
    const cues = [...new Set([...cuesByAnalysis.values()].flat())];
    setChildren(
      suggestions,
      cues.length
        ? [
            el("p", { class: "quiet", text: messages.session.cueSuggestions }),
            el("div", { class: "chips" }, cues.map(buildSuggestion)),
          ]
        : null,
    );
  };
  const buildSuggestion = (text) =>
    el("button", {
      type: "button",
      class: "chip-button",
      text,
      "aria-label": messages.session.useCue(text),
      on: {
        click: () => {
          input.value = text;
          store(text);
          input.focus();
        },
      },
    });
  suggestCues();
  return {
    node: el("div", {}, field(messages.session.cue, input, messages.session.cueHint), suggestions),
    suggestCues,
  };
}
