/** What the whole page knows: who is signed in, which movements there are. Asked for once. */

import { get } from "./api.js";
import { plainName } from "./text.js";
import { words } from "./words.js";

const OWNER = "analyzer.owner";
let me = null;
let known = null;

/** {owner, auth, lan, tls, limits} of who is signed in; throws Told with 401 when nobody is. */
export async function whoAmI({ anew = false } = {}) {
  if (anew || !me) {
    me = await get("me", { quiet: true });
    rememberOwner(me.owner);
  }
  return me;
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

/** [{name, title, variants}], asked for once. */
export async function movements() {
  if (!known) known = (await get("movements")).items;
  return known;
}

/** The movement as a person reads it, with its variant. */
export function movementTitle(name, variant = null) {
  if (!name || name === "auto" || name === "unknown") return words.clips.untitled;
  const title = plainName(known?.find((one) => one.name === name)?.title ?? name);
  return variant ? `${title}, ${String(variant).replace(/_/g, " ")}` : title;
}
