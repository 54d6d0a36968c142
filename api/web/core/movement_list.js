/** The movements that the service knows, with all that each states about itself; requested once. */

import { messages } from "../text/messages.js";
import { capitalize, toReadableName } from "../text/words.js";
import { get } from "./api_client.js";
import { getSideTitle } from "./vocabulary.js";

/**
 * @typedef {object} Movement an item of GET /v1/movements
 * @property {string} name
 * @property {string} title
 * @property {string[]} variants
 * @property {string} instructions one sentence to the client before filming; may be empty
 * @property {"reps"|"holds"|"stages"} event_kind
 * @property {RepPhases} phases
 * @property {Record<string, string>} stage_titles
 * @property {string[]} correctable_stages stages that a coach may set; empty: stages are not corrected
 * @property {string[]} one_leg_stages stages that are done with one leg, which a correction has to name
 * @property {Record<string, import("./vocabulary.js").MeasureLabel>} measure_labels
 * @property {{id: string, label: string, short_label: string|null, unit: string, chart: string|null}[]} key_measures
 * @property {boolean} can_be_loaded
 * @property {("practice"|"first_look")[]} session_plans plans of a session that offer it
 *
 * @typedef {{top: string, turn: string, outward: string, back: string}} RepPhases words for the parts of a rep
 */

/** @type {Movement[]|null} */
let movements = null;
/** @type {Promise<{items: Movement[]}>|null} */
let request = null;

/** Load all movements; after the first call from memory. Throws ApiError. */
export async function loadMovements() {
  request ??= get("movements");
  try {
    movements = (await request).items;
  } catch (error) {
    request = null;
    throw error;
  }
  return movements;
}

/** Get the movements that are loaded; empty before `loadMovements`. */
export const getMovements = () => movements ?? [];

/**
 * Get a movement; null if the service does not know it.
 * @param {string|null|undefined} name
 * @returns {Movement|null}
 */
export const getMovement = (name) => movements?.find((movement) => movement.name === name) ?? null;

/**
 * Get the title of a movement with its variant. Await `loadMovements` first, or it is made from the name.
 * @param {string|null|undefined} name
 * @param {string|null} [variant]
 */
export function getMovementTitle(name, variant = null) {
  if (!name || name === "auto" || name === "unknown") return messages.clips.untitled;
  const title = capitalize(getMovement(name)?.title ?? toReadableName(name));
  return variant ? `${title}, ${String(variant).replace(/_/g, " ")}` : title;
}

/**
 * Get the title of a stage, with its leg: "Knee straight, near leg".
 * @param {{name: string, side?: string|null}} stage
 * @param {Movement|null} movement
 */
export function getStageTitle({ name, side = null }, movement) {
  const title = movement?.stage_titles[name] ?? toReadableName(name);
  return side ? `${title}, ${getSideTitle(side)}` : title;
}
