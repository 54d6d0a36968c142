/** The plans that a session can follow: which clips in which order, and about how long that takes. */

/**
 * One step of a plan.
 * @typedef {object} PlanStep
 * @property {string} name what its words are found by, `words.session.steps`
 * @property {string|null} movement as GET /v1/movements calls it; null: not filmed, the coach notes what was seen
 * @property {boolean} cue whether it is done with a cue
 * @property {boolean} load whether it may be done with a load
 */

/**
 * @typedef {object} Plan
 * @property {string} name what its words are found by, `words.session.plans`
 * @property {"lift"|"look"} kind lift: one movement, tried and put beside its first clip; look: one clip a movement
 * @property {number} minutes about how long it takes; chosen, at most 30 (sources 7)
 * @property {PlanStep[]} steps in their order
 */

const UNLOADED = new Set(["toe_touch"]);
/**
 * @param {string} name
 * @param {string|null} movement
 * @param {boolean} [cue]
 * @returns {PlanStep}
 */
const step = (name, movement, cue = false) => ({
  name,
  movement,
  cue,
  load: movement !== null && !UNLOADED.has(movement),
});

/**
 * One movement as it is today, twice with a cue, and the same again.
 * @param {string} movement
 * @returns {Plan}
 */
const lift = (movement) => ({
  name: `lift_${movement}`,
  kind: "lift",
  minutes: 25,
  steps: [
    step("first", movement),
    step("try_1", movement, true),
    step("try_2", movement, true),
    step("again", movement),
  ],
});

/** @type {Plan[]} */
export const PLANS = [
  lift("hinge"),
  lift("squat"),
  {
    name: "first_look",
    kind: "look",
    minutes: 30,
    steps: [
      ...["hinge", "squat", "toe_touch", "overhead", "carry"].map((movement) => step(movement, movement)),
      // A side view does not see them: sources 1.3.
      step("roll", null),
      step("twist", null),
    ],
  },
];

/**
 * The plan of this name; null for one that there is no more.
 * @param {string} name
 */
export const planNamed = (name) => PLANS.find((plan) => plan.name === name) ?? null;

/**
 * The plan of a session. A session whose plan there is no more is not read from the store.
 * @param {{plan: string}} session
 */
export function planOf({ plan }) {
  const found = planNamed(plan);
  if (!found) throw new Error(`there is no plan ${plan}`);
  return found;
}
