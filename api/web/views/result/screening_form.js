/** The screening questions, shown first until each has an answer. */

import { announce, choices, el } from "../../core/dom.js";
import { addAnswers } from "../../marks/symptom_marks.js";
import { messages } from "../../text/messages.js";
import { button, runAction } from "../page_parts.js";
import { awaitRemeasurement } from "./remeasure_status.js";

/**
 * Build the card; null if the movement has no questions.
 * @param {any} result
 * @param {import("./result_page.js").ResultContext} context
 */
export function buildScreeningForm(result, context) {
  const screen = result.measures?.screen;
  if (!screen?.questions?.length) return null;
  const questionsByTime = new Map();
  for (const question of screen.questions) {
    const when = question.when ?? "";
    questionsByTime.set(when, [...(questionsByTime.get(when) ?? []), question]);
  }
  const fields = new Map();
  const buildQuestion = (question) => {
    const answer = context.getMarks()?.screen?.[question.id] ?? question.answer ?? null;
    /** @type {[value: string, label: string][]} */
    const options = [
      ["false", messages.common.no],
      ["true", messages.common.yes],
    ];
    const chosen = answer === null ? null : String(answer);
    const answerField = choices(question.ask, `screen-${question.id}`, options, chosen, "ask");
    fields.set(question.id, answerField);
    return answerField;
  };
  const save = async () => {
    const answers = {};
    for (const [id, answerField] of fields) {
      if (answerField.getChoice() !== null) answers[id] = answerField.getChoice() === "true";
    }
    await context.updateMarks((marks) => addAnswers(marks, answers));
    const left = fields.size - Object.keys(answers).length;
    if (left) announce(messages.screening.left(left));
    awaitRemeasurement(context);
  };
  const saveButton = button(messages.screening.save, () => runAction(saveButton, save), "primary wide");
  const body = [
    screen.intro && el("p", { text: screen.intro }),
    [...questionsByTime].map(([when, questions]) => [when && el("h3", { text: when }), questions.map(buildQuestion)]),
    screen.note && el("p", { class: "quiet", text: screen.note }),
    saveButton,
  ];
  if (screen.state === "answered") {
    return el(
      "details",
      { class: "card details" },
      el("summary", {}, el("span", { text: messages.screening.answered })),
      body,
    );
  }
  return el(
    "section",
    { class: "card questions", "aria-labelledby": "screening-title" },
    el("h2", { id: "screening-title", text: messages.screening.title }),
    body,
  );
}
