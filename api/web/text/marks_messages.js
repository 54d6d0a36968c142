/** Texts for symptom reports, the time before the test, and corrected stages; a part of `messages`. */

export const marksMessages = {
  button: "Felt here",
  title: "What was felt",
  tap: "Tap the place on the body.",
  list: "Choose from a list",
  at: (time, event) => `At ${time}${event ? `, ${event}` : ""}`,
  level: "How much, 0 to 10",
  levelHint: "0 is nothing, 10 is the most you can imagine.",
  where: "Where",
  what: "What it is like",
  own: "In their own words",
  familiar: "Felt before?",
  familiarYes: "Yes",
  familiarNo: "No, it is new",
  release: "How it changed",
  unknown: "Earlier entries could not be loaded. Open this page again to see them and to add more.",
  none: "Nothing marked yet. Tap “Felt here” at any moment of the video.",
  removed: "Removed.",
  saved: "Saved.",
  needLevel: "Choose a number from 0 to 10 first.",
  line: (level, place, sensation) => [`${level} of 10`, place, sensation].filter(Boolean).join(", "),
};

export const baselineMessages = {
  title: "Before the test",
  summary: (level) => `${level} of 10 before it starts`,
  level: "Before it starts",
  notAsked: "Not asked",
  levelHint: "0 to 10. Whatever stays at this level is comfortable.",
  threshold: "Fine up to",
  thresholdHint: "0 to 10. Whatever stays up to this level is comfortable.",
  clinician: "Who they would talk to",
  clinicianHint: "Named where the advice is to talk to somebody, for example “your GP”.",
  keepDoing: "What they can keep doing meanwhile",
  keepDoingHint: "For example “walks and carries”.",
};

export const stageEditorMessages = {
  change: (title) => `Change ${title}`,
  new: "A new stage",
  add: "Add one at this moment",
  undo: "Undo",
  reset: "Back to detected",
  corrected: "set by you",
  video: (time) => `video at ${time}`,
  setHere: { start_s: "From here", end_s: "To here" },
  bound: { start_s: (time) => `starts at ${time}`, end_s: (time) => `ends at ${time}` },
  earlier: { start_s: "Start one frame earlier", end_s: "End one frame earlier" },
  later: { start_s: "Start one frame later", end_s: "End one frame later" },
  name: "Stage",
  choose: "Choose…",
  leg: "Leg",
  noLeg: "Not given",
  timeGoesTo: (title) => `If you remove it, its time goes to “${title}”.`,
  /** Why a correction cannot be made; by the reason. */
  refusals: {
    name: () => "Choose a stage first.",
    order: (title) => `“${title}” ends before it starts. Move its end later, or its start earlier.`,
    leg: (title) => `Choose the leg for “${title}”: near or far.`,
    alone: (title) => `No other stage can take over the time of “${title}”. Give it another name instead.`,
    report: (title) => `Something is marked as felt in “${title}”, so it has to stay, once for each leg.`,
    changed: () => "The stages were changed elsewhere in the meantime. Open this one again from the list.",
  },
};

/** Texts while the result is measured again with new marks; by the card that shows them. */
export const remeasurementMessages = {
  marks: "Updating the result with what was felt…",
  events: "Measuring the stages again…",
  refused: {
    marks: "The result could not be updated; what you entered is saved.",
    events: "The result could not be updated; the stages are saved.",
  },
};
