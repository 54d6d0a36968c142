/** What the whole page knows: who is signed in, which movements there are. Asked for once. */

import { get } from "./api.js";
import { plainName } from "./text.js";
import { words } from "./words.js";

const OWNER = "analyzer.owner";
/** @type {Me|null} */
let me = null;
/** @type {Movement[]|null} */
let known = null;

/**
 * @typedef {object} Me who is signed in, as GET /v1/me tells it
 * @property {string} owner
 * @property {string} auth
 * @property {{max_upload_bytes: number, max_duration_s: number}} limits
 *
 * @typedef {object} Movement
 * @property {string} name
 * @property {string} title
 * @property {string[]} variants
 */

/** Who is signed in; throws Told with 401 when nobody is. */
export async function whoAmI({ anew = false } = {}) {
  if (!anew && me) return me;
  /** @type {Me} */
  const now = await get("me", { quiet: true });
  rememberOwner(now.owner);
  me = now;
  return now;
}

export function forgetMe() {
  me = null;
  known = null;
  rememberOwner(null);
}

/** Whose page this last was: without a network their clips on the way are still shown. Null when nobody's. */
export function lastOwner() {
  try {
    return localStorage.getItem(OWNER);
  } catch {
    return null;
  }
}

/** @param {string|null} owner */
function rememberOwner(owner) {
  try {
    if (owner === null) localStorage.removeItem(OWNER);
    else localStorage.setItem(OWNER, owner);
  } catch {
    /* private browsing */
  }
}

/** What pending uploads are remembered under: another owner on this phone does not see them. */
export const ownerKey = () => me?.owner ?? lastOwner() ?? "local";

/** The movements that there are, asked for once. */
export async function movements() {
  /** @type {Movement[]} */
  const all = known ?? (await get("movements")).items;
  known = all;
  return all;
}

/**
 * The movement as a person reads it, with its variant.
 * @param {string|null|undefined} name
 * @param {string|null} [variant]
 */
export function movementTitle(name, variant = null) {
  if (!name || name === "auto" || name === "unknown") return words.clips.untitled;
  const title = plainName(known?.find((one) => one.name === name)?.title ?? name);
  return variant ? `${title}, ${String(variant).replace(/_/g, " ")}` : title;
}
