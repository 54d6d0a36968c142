/** Plans for a session: which clips to film in which order, and about how long that takes. */

import { FIRST_LOOK_MOVEMENTS, MOVEMENTS_WITHOUT_LOAD, PRACTICE_MOVEMENTS } from "../text/vocabulary.js";

/**
 * @typedef {object} PlanStep
 * @property {string} name key of its texts in `messages.session.steps`
 * @property {string|null} movement name of GET /v1/movements; null: not filmed, the coach writes down what they saw
 * @property {boolean} hasCue whether it is done with a cue
 * @property {boolean} hasLoad whether it may be done with a load
 */

/**
 * @typedef {object} Plan
 * @property {string} name key of its texts in `messages.session.plans`, and the name under which sessions store it
 * @property {"practice"|"overview"} kind practice: one movement, tried with cues and compared with its first clip;
 *   overview: one clip of each movement
 * @property {number} minutes about how long it takes; chosen, at most 30 (docs/sources.md 7)
 * @property {PlanStep[]} steps in order
 */

/**
 * @param {string} name
 * @param {string|null} movement
 * @param {boolean} [hasCue]
 * @returns {PlanStep}
 */
const createStep = (name, movement, hasCue = false) => ({
  name,
  movement,
  hasCue,
  hasLoad: movement !== null && !MOVEMENTS_WITHOUT_LOAD.has(movement),
});

/**
 * Create the plan that films a movement as it is today, twice with a cue, and once more.
 * @param {string} movement
 * @returns {Plan}
 */
const createPracticePlan = (movement) => ({
  name: `lift_${movement}`,
  kind: "practice",
  minutes: 25,
  steps: [
    createStep("first", movement),
    createStep("try_1", movement, true),
    createStep("try_2", movement, true),
    createStep("again", movement),
  ],
});

/** @type {Plan[]} */
export const PLANS = [
  ...PRACTICE_MOVEMENTS.map(createPracticePlan),
  {
    name: "first_look",
    kind: "overview",
    minutes: 30,
    steps: [
      ...FIRST_LOOK_MOVEMENTS.map((movement) => createStep(movement, movement)),
      createStep("roll", null),
      createStep("twist", null),
    ],
  },
];

/**
 * Find a plan by its name; null if it does not exist (any more).
 * @param {string} name
 */
export const findPlan = (name) => PLANS.find((plan) => plan.name === name) ?? null;

/**
 * Get the plan of a session. Stored sessions without an existing plan are not loaded.
 * @param {{plan: string}} session
 */
export function getPlan(session) {
  const plan = findPlan(session.plan);
  if (!plan) throw new Error(`there is no plan ${session.plan}`);
  return plan;
}
