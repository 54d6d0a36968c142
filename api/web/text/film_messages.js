/** Texts of the camera view; the instructions of the live guide are in `live_messages.js`. */

/** Format whole degrees, with the minus sign of the vocabulary, which this view does not load. */
const degrees = (value) => `${value}°`.replace("-", "−");

export const filmMessages = {
  title: "Film",
  start: "Start filming",
  stop: "Stop",
  tall: "Stand tall",
  go: "Go",
  line: "hips on this line",
  wait: "Getting the camera ready…",
  refused: "This page may not use the camera. Use the phone's own camera instead.",
  lost: "The phone has closed the camera. Another app may be using it.",
  reopen: "Open the camera again",
  hidden: "Filming stopped when this page went into the background.",
  noRecorder: "This browser cannot record what the camera shows. Use the phone's own camera instead.",
  leaveTitle: "Leave without this clip?",
  leaveText: "What was filmed is deleted.",
  leaveAction: "Leave",
  use: "Use this clip",
  redo: "Film again",
  ready: (seconds) => `${seconds} s filmed`,
  switchCamera: "Use the other camera",
  phoneCamera: "Phone's own camera",
  speak: "Speak aloud",
  speaking: "Speaking",
  handsFree: "Hands-free",
  handsFreeHint: "Filming starts after two seconds of standing tall, and stops after the set.",
  good: "Good picture",
  preview: "Preview",
  personLeft: "Person on the left",
  personRight: "Person on the right",
  angles: (trunk, fold, knee) => `Trunk ${degrees(trunk)}, fold ${degrees(fold)}, knee ${degrees(knee)}`,
  ownLine: (line) =>
    line === 0 ? "On your line" : `Hips ${Math.abs(line)}° ${line > 0 ? "above" : "below"} your line`,
  holdCount: (seconds) => `${seconds} s`,
  holdSpoken: (seconds) => `${seconds} seconds`,
};
