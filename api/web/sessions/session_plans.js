/** Plans for a session: which clips to film in which order, and about how long that takes. */

import { getMovements, getMovementTitle } from "../core/movement_list.js";
import { messages } from "../text/messages.js";

/**
 * @typedef {object} PlanStep
 * @property {string} name in an overview that of its movement
 * @property {string} title
 * @property {string} instructions
 * @property {string|null} movement name of GET /v1/movements; null: not filmed, the coach writes down what they saw
 * @property {boolean} hasCue whether it is done with a cue
 * @property {boolean} hasLoad whether it may be done with a load
 */

/**
 * @typedef {object} Plan
 * @property {string} name under which sessions store it
 * @property {string} title
 * @property {string} text
 * @property {"practice"|"overview"} kind practice: one movement, tried with cues and compared with its first clip;
 *   overview: one clip of each movement
 * @property {number} minutes about how long it takes; chosen, at most 30 (docs/sources.md 7)
 * @property {PlanStep[]} steps in order
 */

/**
 * Create a step with texts of the page: of a movement, or without one.
 * @param {keyof typeof messages.session.steps} name
 * @param {import("../core/movement_list.js").Movement|null} [movement]
 * @param {boolean} [hasCue]
 * @returns {PlanStep}
 */
const createStep = (name, movement = null, hasCue = false) => ({
  name,
  ...messages.session.steps[name],
  movement: movement?.name ?? null,
  hasCue,
  hasLoad: movement?.can_be_loaded ?? false,
});

/**
 * Create the plan that films a movement as it is today, twice with a cue, and once more.
 * @param {import("../core/movement_list.js").Movement} movement
 * @returns {Plan}
 */
const createPracticePlan = (movement) => ({
  name: `lift_${movement.name}`,
  title: messages.session.practice.title(getMovementTitle(movement.name)),
  text: messages.session.practice.text,
  kind: "practice",
  minutes: 25,
  steps: [
    createStep("first", movement),
    createStep("try_1", movement, true),
    createStep("try_2", movement, true),
    createStep("again", movement),
  ],
});

/**
 * Create the plan of a first look at a client. A side view shows no rolls and twists (docs/sources.md 1.3).
 * @param {import("../core/movement_list.js").Movement[]} movements
 * @returns {Plan}
 */
const createFirstLookPlan = (movements) => ({
  name: "first_look",
  title: messages.session.firstLook.title,
  text: messages.session.firstLook.text(movements.length),
  kind: "overview",
  minutes: 30,
  steps: [
    ...movements.map(({ name, instructions, can_be_loaded }) => ({
      name,
      title: getMovementTitle(name),
      instructions,
      movement: name,
      hasCue: false,
      hasLoad: can_be_loaded,
    })),
    createStep("roll"),
    createStep("twist"),
  ],
});

/**
 * Rank the movements of a first look: those to practise first, then without a load, then with one, and walks last.
 * @param {import("../core/movement_list.js").Movement} movement
 */
function rankInFirstLook({ session_plans, can_be_loaded, event_kind }) {
  if (session_plans.includes("practice")) return 0;
  if (event_kind !== "reps") return 3;
  return can_be_loaded ? 2 : 1;
}

/**
 * List the plans that the movements of the service are offered in. Await `loadMovements` first.
 * @returns {Plan[]}
 */
export function listPlans() {
  const findMovements = (plan) => getMovements().filter(({ session_plans }) => session_plans.includes(plan));
  const firstLook = findMovements("first_look").sort((a, b) => rankInFirstLook(a) - rankInFirstLook(b));
  return [
    ...findMovements("practice").map(createPracticePlan),
    ...(firstLook.length ? [createFirstLookPlan(firstLook)] : []),
  ];
}

/**
 * Find a plan by its name; null if it does not exist (any more).
 * @param {string} name
 */
export const findPlan = (name) => listPlans().find((plan) => plan.name === name) ?? null;

/**
 * Get the plan of a session. Sessions without an existing plan are not listed.
 * @param {{plan: string}} session
 */
export function getPlan(session) {
  const plan = findPlan(session.plan);
  if (!plan) throw new Error(`there is no plan ${session.plan}`);
  return plan;
}
