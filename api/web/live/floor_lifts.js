/**
 * Whole lifts in a hinge set from the floor, by the rule of the analysis (`analyzer/movements/hinge/floor_lifts.py`).
 *
 * Such a set goes from bottom to bottom: a lift counts once the body goes down again after it. The last way up counts
 * neither at lockout nor where the client lets the load go and stands up. How the set began is known before its first
 * lift ends, so a number that was shown is taken back only where a smaller bend before the set turns out to be no rep.
 */

// As in analyzer/movements/hinge/thresholds.py:
const FLOOR_VARIANTS = new Set(["conventional", "sumo", "trap_bar", "kettlebell"]);
const MAX_FLOOR_HAND_HEIGHT = 0.45; // wrist over ankle at the bottom, leg lengths: at a load on the floor
const LIFTS_SETUP_PAUSE_S = 2.5; // longer at the first bottom ...
const LIFTS_SETUP_PAUSE_RATIO = 2; // ... and so many times as long as at any other: the first bottom is a set-up
// Where no movement is named, of the fold at the bottom: 17 deadlifts had 0.41 to 0.74 and one 0.21, 15 squats at most
// 0.38 and one 0.41, a toe touch 0.94. Chosen on these real clips; the analysis recognises the movement by the whole clip.
const HINGE_TRUNK_SHARE = { from: 0.4, to: 0.8 };

/**
 * @typedef {object} Lifting what is known of a set
 * @property {string} movement its name, or "auto"
 * @property {string | null} variant of a hinge; null where it is not known
 * @property {boolean} isSeated whether the set began on a seat
 */

/**
 * Count the reps of a set: in a set from bottom to bottom only those after which the body went down again.
 * @param {import("./rep_counter.js").LiveRep[]} reps
 * @param {Lifting} lifting
 */
export function countWholeLifts(reps, lifting) {
  const last = reps.at(-1);
  const isUnlowered = last !== undefined && !last.isLowered && goesFromBottomToBottom(reps, lifting);
  return reps.length - (isUnlowered ? 1 : 0);
}

/** Tell whether a set begins at the bottom or with a long set-up there, with low hands. */
function goesFromBottomToBottom(reps, lifting) {
  const [first, ...others] = reps;
  if (!isFromFloor(first, lifting)) return false;
  if (first.pause_s === null) return true;
  const others_s = Math.max(0, ...others.map(({ pause_s }) => pause_s ?? 0));
  return first.pause_s > Math.max(LIFTS_SETUP_PAUSE_S, LIFTS_SETUP_PAUSE_RATIO * others_s);
}

/** Tell whether a set is a hinge from the floor: by its variant, else by low hands at its first bottom. */
function isFromFloor(first, { movement, variant, isSeated }) {
  const hasLowHands = first.hand_height < MAX_FLOOR_HAND_HEIGHT;
  if (movement === "hinge") return variant === null ? hasLowHands : FLOOR_VARIANTS.has(variant);
  const { from, to } = HINGE_TRUNK_SHARE;
  return movement === "auto" && !isSeated && hasLowHands && first.trunk_share >= from && first.trunk_share <= to;
}
