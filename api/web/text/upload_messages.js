/** Texts of the upload of a clip. */

export const uploadMessages = {
  title: "Sending",
  sending: "Sending the clip",
  waiting: (s) => `No network right now. Trying again in ${s} s; nothing sent so far is lost.`,
  busy: (s) => `The analyzer is busy right now. Trying again in ${s} s; nothing sent so far is lost.`,
  queued: "It is sent after the clip before it.",
  paused: "Paused. Nothing sent so far is lost.",
  handingOver: "All sent. Starting the analysis…",
  pause: "Pause",
  resume: "Resume",
  drop: "Stop sending",
  dropTitle: "Stop sending?",
  dropText: "What was sent so far is removed. The clip itself stays on your phone.",
  needsFile: (name) =>
    `This page was closed while ${name} was being sent. Pick the same clip again, and it goes on where it stopped.`,
  recording: "This clip is being filmed in another window. It is sent as soon as it is ready there.",
  lost: (name) =>
    `This page was closed while ${name} was filmed, and it could not be stored on this phone. Film it again.`,
  pick: "Pick the clip again",
  otherFile: "That is another clip. Pick the one that was being sent, or start with a new one.",
  stay: "Keep this page open while the clip is sent.",
  arrived: (name) => `${name} was sent. It will be under Clips once it is ready.`,
  gone: "This clip is no longer being sent.",
  refused: "The clip was not accepted",
};
