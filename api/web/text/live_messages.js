/** Texts of the live guide: short enough to read from three metres; what is shown is also what is spoken. */

import { formatCount } from "./words.js";

/**
 * Instructions by the ids of `live/filming_checks.js` and `live/set_watcher.js`.
 * @type {Record<string, (values: Record<string, any>) => string>}
 */
export const instructions = {
  // The picture.
  more_light: () => "More light, please",
  nobody: () => "Step into the picture",
  two_people: () => "Two people: tap the one you film",
  feet_cut_off: () => "Step back: your feet are cut off",
  head_cut_off: () => "Step back: your head is cut off",
  hands_cut_off: () => "Step back: your hands are cut off",
  body_cut_off: () => "Step back: you are partly out of the picture",
  move_to_middle: () => "Move to the middle of the picture",
  too_far: () => "Come closer",
  tilted: ({ roll_deg }) => `Turn the phone: tilted ${formatCount(roll_deg, "degree", "degrees")}`,
  half_from_front: () => "Move the phone to the side: you are seen half from the front",
  half_from_back: () => "Move the phone to the side: you are seen half from behind",
  seen_from_front: () => "Turn sideways: you are seen from the front",
  seen_from_back: () => "Turn sideways: you are seen from behind",
  // The start.
  stand_tall: () => "Stand tall",
  sit_tall: () => "Sit tall",
  into_plank: () => "Come into your plank",
  hold: () => "Hold…",
  go: () => "Go!",
  // The end.
  set_done: ({ reps }) => `${formatCount(reps, "rep", "reps")}. That's your set!`,
  hold_done: ({ hold_s }) => `${formatCount(hold_s, "second", "seconds")}. That's your hold!`,
  done: () => "Got it!",
};
