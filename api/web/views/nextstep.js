/** The step of a session that comes next: what to do, its cue or note, and the ways to its clip. */

import { Told, get } from "../api.js";
import { el, field, put } from "../dom.js";
import { planOf } from "../plans.js";
import { go } from "../router.js";
import { loadText, optionsOf } from "../session_clips.js";
import { changeStep, sessionOf } from "../sessions.js";
import { words } from "../words.js";
import { problemBox } from "./common.js";
import { begin, clipWays, loadOf } from "./home.js";

/**
 * The card of a step and its `ways`; `change(fields)` is called with what the coach decides of the step. What is typed
 * is kept as it is typed. `suggest()` offers the cues of clips that have become ready.
 */
export function nextStep(id, index, clips, change) {
  const session = sessionOf(id);
  const { name, movement, cue, load } = planOf(session).steps[index];
  const said = words.session.steps[name];
  const step = session.steps[index];
  const status = clips.get(step.analysis);
  const problems = el("div", {});
  const cues = cue ? cueField(step.cue, clips, (text) => changeStep(id, index, { cue: text })) : null;
  const tell = (told) => {
    put(problems, problemBox(told));
    problems.scrollIntoView({ block: "center" });
  };
  const node = el(
    "section",
    { class: "card try", "aria-labelledby": "next-title" },
    el("h2", { id: "next-title", tabindex: "-1", text: words.session.next(said.title) }),
    status?.status === "failed" && problemBox(new Told(null, status.error?.text ?? words.progress.failed)),
    el("p", { text: said.does }),
    cues?.node,
    load && loadField(session, index),
    !movement && noteField(session, index),
    problems,
    el(
      "div",
      { class: "row" },
      !movement && button(words.session.keepNote, keepNote, "primary"),
      step.redo
        ? button(words.session.keepClip, () => change({ redo: false }))
        : button(words.session.skip, () => change({ skipped: true })),
    ),
  );

  function keepNote() {
    if (!sessionOf(id).steps[index].note.trim()) return tell(new Told(null, words.session.needNote));
    return change({ noted: true, redo: false });
  }

  function ways() {
    if (!movement) return [];
    /** What goes with the clip, as it is typed now; what cannot be read is told before anything is filmed. */
    const asked = () => {
      put(problems);
      return optionsOf(sessionOf(id), index, loadOf);
    };
    const picked = async (file) => {
      try {
        const sending = await begin(file, asked(), { session: id, index });
        go(`send/${sending.entry.id}`);
      } catch (told) {
        tell(told);
      }
    };
    const film = (event) => {
      try {
        asked();
      } catch (told) {
        event.preventDefault();
        tell(told);
      }
    };
    return clipWays(`#/film/${session.client}/${index}`, picked, film);
  }

  return { node, ways: ways(), suggest: () => cues?.suggest() };
}

function loadField(session, index) {
  const input = el("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    maxlength: "7",
    value: loadText(session, index),
    on: { input: () => changeStep(session.id, index, { load: input.value }) },
  });
  return field(`${words.session.load} (${words.common.optional})`, input);
}

function noteField({ id, steps }, index) {
  const area = el("textarea", {
    rows: "3",
    maxlength: "500",
    value: steps[index].note,
    on: { input: () => changeStep(id, index, { note: area.value }) },
  });
  return field(words.session.note, area, words.session.noteHint);
}

/** A cue, typed or taken from what the clips so far say to try. */
function cueField(cue, clips, keep) {
  const input = el("input", {
    type: "text",
    maxlength: "150",
    autocomplete: "off",
    value: cue,
    on: { input: () => keep(input.value) },
  });
  const offered = el("div", { class: "offered" });
  const seen = new Map();
  const suggest = async () => {
    const ready = [...clips.values()].filter((one) => one.status === "done" && !seen.has(one.id));
    for (const { id } of ready) {
      const result = await get(`analyses/${encodeURIComponent(id)}/result`).catch(() => null);
      if (result) seen.set(id, result.findings.map((one) => one.cue).filter(Boolean));
    }
    const all = [...new Set([...seen.values()].flat())];
    put(
      offered,
      all.length
        ? [el("p", { class: "quiet", text: words.session.cueFrom }), el("div", { class: "chips" }, all.map(offer))]
        : null,
    );
  };
  const offer = (text) =>
    el("button", {
      type: "button",
      class: "chip-button",
      text,
      "aria-label": words.session.takeCue(text),
      on: {
        click: () => {
          input.value = text;
          keep(text);
          input.focus();
        },
      },
    });
  suggest();
  return { node: el("div", {}, field(words.session.cue, input, words.session.cueHint), offered), suggest };
}

const button = (text, act, more = "") =>
  el("button", { type: "button", class: `button ${more}`, text, on: { click: act } });
