/** The questions that come before a test: asked until each has an answer. */

import { announce, choices, el } from "../dom.js";
import { withAnswers } from "../marks.js";
import { words } from "../words.js";
import { doing } from "./common.js";
import { takeIn } from "./takein.js";

export function screenPart(result, look) {
  const screen = result.measures?.screen;
  if (!screen?.questions?.length) return null;
  const groups = new Map();
  for (const question of screen.questions)
    groups.set(question.when ?? "", [...(groups.get(question.when ?? "") ?? []), question]);
  const fields = new Map();
  const body = [
    screen.intro && el("p", { text: screen.intro }),
    [...groups].map(([when, questions]) => [
      when && el("h3", { text: when }),
      questions.map((question) => {
        const answer = look.marks()?.screen?.[question.id] ?? question.answer ?? null;
        const asked = choices(
          question.ask,
          `screen-${question.id}`,
          [
            ["false", words.common.no],
            ["true", words.common.yes],
          ],
          answer === null ? null : String(answer),
          "ask",
        );
        fields.set(question.id, asked);
        return asked;
      }),
    ]),
    screen.note && el("p", { class: "quiet", text: screen.note }),
  ];
  const save = el("button", {
    type: "button",
    class: "button primary wide",
    text: words.screen.save,
    on: {
      click: () =>
        doing(save, async () => {
          const answers = {};
          for (const [id, asked] of fields) if (asked.chosen() !== null) answers[id] = asked.chosen() === "true";
          await look.keep((marks) => withAnswers(marks, answers));
          const left = fields.size - Object.keys(answers).length;
          if (left) announce(words.screen.left(left));
          takeIn(look);
        }),
    },
  });
  if (screen.state === "answered") {
    return el(
      "details",
      { class: "card details" },
      el("summary", {}, el("span", { text: words.screen.answered })),
      body,
      save,
    );
  }
  return el(
    "section",
    { class: "card questions", "aria-labelledby": "screen-title" },
    el("h2", { id: "screen-title", text: words.screen.title }),
    body,
    save,
  );
}
