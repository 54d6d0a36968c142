/** Texts of filming the same thing again; a part of `messages`. */

import { formatCount } from "./words.js";

export const repeatMessages = {
  title: "Film the same thing again",
  text: "The same person, movement and weight, no cue in between. Set the phone up again first. Two clips show how much the measurement varies by itself.",
  what: "What to repeat",
  client: "Client",
  none: "No repeats yet.",
  soFar: (repeats, people) =>
    `${formatCount(repeats, "repeat", "repeats")} of ${formatCount(people, "person", "people")} so far.`,
  needed: (repeats, people) =>
    `From ${repeats} repeats of ${people} people on, comparisons use your own minimal detectable change.`,
  used: "Comparisons use your own minimal detectable change. A change counts from:",
  table: "How much the measurement varies",
};
