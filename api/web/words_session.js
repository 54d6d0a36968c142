/** The words of a session and its card; part of `words`. */

const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;

const LIFT = "A first clip, two tries with a cue each, and the same again: what got better today?";

export const session = {
  title: "Session",
  goOn: "Go on with the session",
  choose: "What is it today?",
  about: (minutes) => `about ${minutes} min`,
  start: "Start",
  stepsOf: (n) => count(n, "step", "steps"),
  earlier: "Earlier sessions",
  plans: {
    lift_hinge: { title: "Hip hinge, better today", text: LIFT },
    lift_squat: { title: "Squat, better today", text: LIFT },
    first_look: {
      title: "A first look",
      text: "What they can do: five movements filmed from the side, two that you note.",
    },
  },
  steps: {
    first: { title: "First clip", does: "Three to five reps, the way they do them today." },
    try_1: { title: "Try 1", does: "The same with one cue. Say it once, then film." },
    try_2: { title: "Try 2", does: "Another cue, or another stance. One change is plenty." },
    again: { title: "The same again", does: "As in the first clip, with what felt better." },
    hinge: { title: "Hip hinge", does: "Three to five reps: hips back, hands along the thighs." },
    squat: { title: "Squat", does: "Three to five reps, as deep as is comfortable." },
    toe_touch: { title: "Toe touch", does: "Three slow reaches down, as far as is comfortable." },
    overhead: { title: "Overhead reach", does: "Three slow reaches up with both arms." },
    carry: { title: "Carry", does: "A few steps past the camera with a weight in hand." },
    roll: { title: "Rolls", does: "From back to front and back again. Not filmed: note what they can do." },
    twist: { title: "Twists", does: "Sitting or standing, to both sides. Not filmed: note what they can do." },
  },
  next: (title) => `Next: ${title}`,
  list: "Steps",
  cue: "Cue",
  cueHint: "One that points to something outside the body: the wall, the floor, the bar.",
  cueFrom: "From the clips so far:",
  takeCue: (cue) => `Take the cue “${cue}”`,
  load: "Load in kg",
  note: "What they can do",
  noteHint: "In your words. It stays on this phone and shows on the card.",
  keepNote: "Save and go on",
  needNote: "Write a line first, or skip this step.",
  skip: "Skip this step",
  again: "Do again",
  now: "Do it now",
  keepClip: "Leave it as it is",
  onTheWay: "on its way",
  skipped: "skipped",
  open: { film: "not filmed", note: "not noted" },
  withCue: (cue) => `“${cue}”`,
  noteOf: (title, cue) => (cue ? `${title}: “${cue}”` : title),
  minutes: (now, about) => {
    if (now < 1) return `about ${about} minutes`;
    return now <= about ? `${now} of about ${about} minutes` : `${now} minutes so far`;
  },
  since: (day, time) => `Begun: ${day}, ${time}`,
  through: "All steps are through",
  throughText: "The card has what they can do, what changed and one thing to try.",
  finish: "See the card",
  finishNow: "Finish here and see the card",
  stop: "Stop this session",
  goOnWith: "Go on with this session",
  took: (minutes) => `${minutes} min`,
  stillLooking: (n) => `${count(n, "clip is", "clips are")} still being looked at. This card fills itself.`,
  nothingYet: "No clip of this session is ready yet.",
  felt: (better, level, other, otherLevel) =>
    `${better} felt better: up to ${level} of 10, and up to ${otherLevel} of 10 in “${other}”.`,
  changedIn: (before, after) => `From A, “${before}”, to B, “${after}”`,
  notCompared: "There are no numbers to put beside each other here. Watch the two side by side.",
  noted: "Noted by the coach",
  clips: "The clips",
  print: "Print",
  share: "Share",
  notCopied: "This browser does not let the page copy. Printing works.",
  sideBySide: "Side by side",
  gone: "This session is not on this phone. Its clips are with the client's other clips.",
  signOut:
    "Which clips belong to a session, and what you noted in it, is kept on this phone alone: signing out drops it. The clips stay.",
};
