/** The movements that the service knows, requested once, and their titles. */

import { messages } from "../text/messages.js";
import { toReadableName } from "../text/vocabulary.js";
import { get } from "./api_client.js";

/**
 * @typedef {object} Movement
 * @property {string} name
 * @property {string} title
 * @property {string[]} variants
 */

/** @type {Movement[]|null} */
let movements = null;

/** Get all movements; after the first call from memory. */
export async function getMovements() {
  /** @type {Movement[]} */
  const items = movements ?? (await get("movements")).items;
  movements = items;
  return items;
}

/**
 * Get the title of a movement with its variant. Await `getMovements` first, or it is made from the name.
 * @param {string|null|undefined} name
 * @param {string|null} [variant]
 */
export function getMovementTitle(name, variant = null) {
  if (!name || name === "auto" || name === "unknown") return messages.clips.untitled;
  const title = toReadableName(movements?.find((movement) => movement.name === name)?.title ?? name);
  return variant ? `${title}, ${String(variant).replace(/_/g, " ")}` : title;
}
