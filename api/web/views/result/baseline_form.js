/** The form for what is known before the test: the baseline level, the comfort threshold, and names for the texts. */

import { el, field, showToast } from "../../core/dom.js";
import { setFields } from "../../marks/symptom_marks.js";
import { messages } from "../../text/messages.js";
import { button, runAction } from "../page_parts.js";
import { awaitRemeasurement } from "./remeasure_status.js";

const DEFAULT_COMFORT_THRESHOLD = 2; // symptom reports up to this level are comfortable, docs/marks.md
const LEVELS = Array.from({ length: 11 }, (_, level) => [String(level), String(level)]);

/**
 * Build the card; null if the marks could not be loaded.
 * @param {import("./result_page.js").ResultContext} context
 */
export function buildBaselineForm(context) {
  const marks = context.getMarks();
  if (!marks) return null;
  const texts = messages.baseline;
  const baseline = createSelect([["", texts.notAsked], ...LEVELS], marks.baseline_level ?? "");
  const threshold = createSelect(LEVELS, marks.threshold ?? DEFAULT_COMFORT_THRESHOLD);
  const clinician = createInput(marks.clinician);
  const keepDoing = createInput(marks.keep_doing);
  const readFields = () => ({
    baseline_level: baseline.value === "" ? null : Number(baseline.value),
    threshold: Number(threshold.value),
    clinician: clinician.value.trim() || null,
    keep_doing: keepDoing.value.trim() || null,
  });
  let savedFields = readFields();
  const summary = el("span", { class: "quiet" });
  const updateSummary = () => {
    const level = savedFields.baseline_level;
    summary.textContent = level === null ? messages.common.optional : texts.summary(level);
  };
  updateSummary();
  const save = async () => {
    const fields = readFields();
    // Only what was changed here, as another page may have changed the rest.
    const changed = Object.fromEntries(Object.entries(fields).filter(([name, value]) => value !== savedFields[name]));
    const isChanged = Object.keys(changed).length > 0;
    if (isChanged) await context.updateMarks((stored) => setFields(stored, changed));
    savedFields = fields;
    updateSummary();
    showToast(messages.marks.saved);
    if (isChanged) awaitRemeasurement(context);
  };
  const saveButton = button(messages.common.save, () => runAction(saveButton, save), "primary wide");
  return el(
    "details",
    { class: "card details" },
    el("summary", {}, el("span", { text: texts.title }), summary),
    el(
      "div",
      { class: "fields" },
      el(
        "div",
        { class: "two" },
        field(texts.level, baseline, texts.levelHint),
        field(texts.threshold, threshold, texts.thresholdHint),
      ),
      field(texts.clinician, clinician, texts.clinicianHint),
      field(texts.keepDoing, keepDoing, texts.keepDoingHint),
      saveButton,
    ),
  );
}

function createSelect(options, value) {
  const select = el(
    "select",
    {},
    options.map(([key, text]) => el("option", { value: key, text })),
  );
  select.value = String(value);
  return select;
}

const createInput = (value) => el("input", { type: "text", maxlength: "200", autocomplete: "off", value: value ?? "" });
