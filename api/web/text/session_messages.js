/** Texts of a session and its card; a part of `messages`. */

import { formatCount } from "./words.js";

export const sessionMessages = {
  title: "Session",
  open: "Continue the session",
  choose: "What is the plan today?",
  about: (minutes) => `about ${minutes} min`,
  start: "Start",
  stepCount: (n) => formatCount(n, "step", "steps"),
  earlier: "Earlier sessions",
  practice: {
    title: (movement) => `${movement}, better today`,
    text: "A first clip, two tries with a cue each, and the first clip again: what got better today?",
  },
  firstLook: {
    title: "A first look",
    text: (filmed) =>
      `What they can do: ${formatCount(filmed, "movement", "movements")} filmed from the side, two that you write down.`,
  },
  steps: {
    first: { title: "First clip", instructions: "Three to five reps, the way they do them today." },
    try_1: { title: "Try 1", instructions: "The same with one cue. Say it once, then film." },
    try_2: { title: "Try 2", instructions: "Another cue, or another stance. One change is plenty." },
    again: { title: "The same again", instructions: "As in the first clip, with what felt better." },
    roll: {
      title: "Rolls",
      instructions: "From back to front and back again. Not filmed: write down what they can do.",
    },
    twist: {
      title: "Twists",
      instructions: "Sitting or standing, to both sides. Not filmed: write down what they can do.",
    },
  },
  next: (title) => `Next: ${title}`,
  list: "Steps",
  cue: "Cue",
  cueHint: "One that points to something outside the body: the wall, the floor, the bar.",
  cueSuggestions: "From the clips so far:",
  useCue: (cue) => `Use the cue “${cue}”`,
  note: "What they can do",
  noteHint: "In your own words. It stays on this phone and is shown on the card.",
  saveNote: "Save and continue",
  needNote: "Write a line first, or skip this step.",
  skip: "Skip this step",
  again: "Do again",
  now: "Do it now",
  keepClip: "Leave it as it is",
  sending: "being sent",
  skipped: "skipped",
  todo: { film: "not filmed", note: "not written down" },
  quote: (cue) => `“${cue}”`,
  clipNote: (title, cue) => (cue ? `${title}: “${cue}”` : title),
  minutes: (now, about) => {
    if (now < 1) return `about ${about} minutes`;
    return now <= about ? `${now} of about ${about} minutes` : `${now} minutes so far`;
  },
  since: (day, time) => `Started: ${day}, ${time}`,
  allDone: "All steps are done",
  allDoneText: "The card shows what they can do, what changed and one thing to try.",
  finish: "See the card",
  finishNow: "Finish here and see the card",
  stop: "Stop this session",
  reopen: "Continue this session",
  analysing: (n) => `${formatCount(n, "clip is", "clips are")} still being analysed. The card updates by itself.`,
  nothingYet: "No clip of this session is ready yet.",
  feltBetter: (better, level, other, otherLevel) =>
    `${better} felt better: up to ${level} of 10, and up to ${otherLevel} of 10 in “${other}”.`,
  comparison: (before, after) => `From A, “${before}”, to B, “${after}”`,
  notComparable: "There are no numbers to compare here. Watch the two side by side.",
  notes: "Noted by the coach",
  clips: "The clips",
  print: "Print",
  notCopied: "This browser does not let the page copy. Printing works.",
  gone: "This session is not on this phone. Its clips are with the client's other clips.",
  signOut:
    "Sessions, with what you noted in them, are stored on this phone alone: signing out deletes them. The clips stay.",
};
