/** Filming the same thing again: what to repeat, how many repeats there are, and the buttons that film or choose it. */

import { get } from "../core/api_client.js";
import { el, setChildren } from "../core/dom.js";
import { getMovement, getMovementTitle, loadMovements } from "../core/movement_list.js";
import { navigate } from "../core/router.js";
import { formatLoad, formatNumber, getVocabulary, loadVocabulary } from "../core/vocabulary.js";
import { messages } from "../text/messages.js";
import { buildClipButtons, setDraftOptions, submitClip } from "./clip_intake.js";
import { heading, problemBox, showWaiting } from "./page_parts.js";

/** Render the view that films a repeat of an analysis. */
export async function renderRepeatView(root, { id }) {
  showWaiting(root);
  const [status, repeatability] = await Promise.all([
    get(`analyses/${encodeURIComponent(id)}`),
    get("repeatability"),
    loadMovements(),
    loadVocabulary(),
  ]);
  const client = status.client ? await get(`clients/${status.client}`) : null;
  const options = { repeat_of: status.id };
  const problems = el("div", {});
  const onFile = async (file) => {
    setChildren(problems);
    try {
      const clip = await submitClip(file, options);
      navigate(`send/${clip.entry.id}`);
    } catch (error) {
      setChildren(problems, problemBox(error));
    }
  };
  setChildren(
    root,
    heading(messages.repeat.title),
    el("p", { text: messages.repeat.text }),
    buildTask(status, client),
    buildRepeatability(repeatability, status.movement),
    problems,
    el(
      "div",
      { class: "actions" },
      buildClipButtons("#/film", onFile, () => setDraftOptions(options)),
    ),
  );
}

/** Build what the repeat has in common with the first clip. */
function buildTask(status, client) {
  const movement = getMovement(status.movement);
  const facts = [
    client && [messages.repeat.client, client.name],
    [messages.common.movement, getMovementTitle(status.movement, status.variant)],
    (status.load_kg ?? null) !== null && [messages.newClip.load, formatLoad(status.load_kg)],
  ].filter(Boolean);
  return el(
    "section",
    { class: "card", "aria-labelledby": "repeat-task" },
    el("h2", { id: "repeat-task", text: messages.repeat.what }),
    el(
      "dl",
      { class: "facts" },
      facts.flatMap(([title, text]) => [el("dt", { text: title }), el("dd", { text })]),
    ),
    movement?.instructions ? el("p", { class: "quiet", text: movement.instructions }) : null,
  );
}

/** Build how many repeats of the movement there are, and the changes that count once there are enough. */
function buildRepeatability({ movements, min_degrees_of_freedom: minRepeats, min_people: minPeople }, name) {
  const measures = (movements.find(({ movement }) => movement === name)?.measures ?? []).filter((one) => one.is_key);
  const repeats = Math.max(0, ...measures.map((one) => one.degrees_of_freedom));
  const people = Math.max(0, ...measures.map((one) => one.people));
  const used = measures.filter((one) => one.is_used);
  return el(
    "section",
    { class: "card", "aria-labelledby": "repeat-count" },
    el("h2", { id: "repeat-count", text: messages.repeat.table }),
    el("p", { text: repeats ? messages.repeat.soFar(repeats, people) : messages.repeat.none }),
    el("p", { text: used.length ? messages.repeat.used : messages.repeat.needed(minRepeats, minPeople) }),
    used.length
      ? el(
          "dl",
          { class: "facts" },
          used.flatMap(({ label, least_change, unit }) => [
            el("dt", { text: label }),
            el("dd", { text: formatNumber(least_change, unit, { decimals: getDecimals(unit) }) }),
          ]),
        )
      : null,
  );
}

/** Get the decimals of an error: one more than those of values. */
function getDecimals(unit) {
  return (getVocabulary().units[unit]?.decimals ?? 0) + 1;
}
