/** What the whole page knows: who is signed in, which movements there are. Asked for once. */

import { get, rowsOf } from "./api.js";
import { plainName } from "./text.js";
import { words } from "./words.js";

let me = null;
let known = null;

/** {owner, auth, lan, tls, limits} of who is signed in; throws Told with 401 when nobody is. */
export async function whoAmI({ anew = false } = {}) {
  if (anew || !me) me = await get("me", { quiet: true });
  return me;
}

export function forgetMe() {
  me = null;
  known = null;
}

/** What pending uploads are remembered under: another owner on this phone does not see them. */
export const ownerKey = () => me?.owner ?? "local";

/** [{name, title, variants}], asked for once. */
export async function movements() {
  if (!known) known = rowsOf(await get("movements")).rows;
  return known;
}

/** The movement as a person reads it, with its variant. */
export function movementTitle(name, variant = null) {
  if (!name || name === "auto" || name === "unknown") return words.clips.untitled;
  const title = plainName(known?.find((one) => one.name === name)?.title ?? name);
  return variant ? `${title}, ${String(variant).replace(/_/g, " ")}` : title;
}
