/** What is known before the test: how it is before it starts, and what the texts name. All of it may be left out. */

import { el, field, toast } from "../dom.js";
import { withFields } from "../marks.js";
import { words } from "../words.js";
import { doing } from "./common.js";
import { takeIn } from "./takein.js";

const LEVELS = Array.from({ length: 11 }, (_, n) => [String(n), String(n)]);
const THRESHOLD = 2; // where nothing is said, as docs/marks.md has it

export function beforePart(look) {
  const marks = look.marks();
  if (!marks) return null;
  const said = words.before;
  const baseline = picker([["", said.notAsked], ...LEVELS], marks.baseline_level ?? "");
  const threshold = picker(LEVELS, marks.threshold ?? THRESHOLD);
  const clinician = line(marks.clinician);
  const keep = line(marks.keep_doing);
  const read = () => ({
    baseline_level: baseline.value === "" ? null : Number(baseline.value),
    threshold: Number(threshold.value),
    clinician: clinician.value.trim() || null,
    keep_doing: keep.value.trim() || null,
  });
  let shown = read();
  const told = el("span", { class: "quiet" });
  const tell = () => {
    told.textContent = shown.baseline_level === null ? words.common.optional : said.told(shown.baseline_level);
  };
  tell();
  const save = el("button", {
    type: "button",
    class: "button primary wide",
    text: words.common.save,
    on: {
      click: () =>
        doing(save, async () => {
          const now = read();
          // Only what was changed here: another page may have changed the rest.
          const fields = Object.fromEntries(Object.entries(now).filter(([name, value]) => value !== shown[name]));
          if (!Object.keys(fields).length) return toast(words.marks.saved);
          await look.keep((stored) => withFields(stored, fields));
          shown = now;
          tell();
          toast(words.marks.saved);
          return takeIn(look);
        }),
    },
  });
  return el(
    "details",
    { class: "card details" },
    el("summary", {}, el("span", { text: said.title }), told),
    el(
      "div",
      { class: "fields" },
      el(
        "div",
        { class: "two" },
        field(said.level, baseline, said.levelHint),
        field(said.threshold, threshold, said.thresholdHint),
      ),
      field(said.clinician, clinician, said.clinicianHint),
      field(said.keepDoing, keep, said.keepHint),
      save,
    ),
  );
}

function picker(options, value) {
  const select = el(
    "select",
    {},
    options.map(([one, text]) => el("option", { value: one, text })),
  );
  select.value = String(value);
  return select;
}

const line = (value) => el("input", { type: "text", maxlength: "200", autocomplete: "off", value: value ?? "" });
