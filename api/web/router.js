/** Addresses after the #, and the one view that is shown. */

/**
 * What the page knows of a view beside the view: its title, the tab it belongs to, the way back, and whether it stands
 * alone and is open to anyone.
 * @typedef {object} Facts
 * @property {string} title
 * @property {string} [tab]
 * @property {string | ((params: Params) => string)} [back]
 * @property {boolean} [alone]
 * @property {boolean} [open]
 *
 * @typedef {Record<string, string>} Params
 * @typedef {(root: HTMLElement, params: any) => unknown} View draws; may give, also later, what to do on leaving
 * @typedef {{view: View, facts: Facts, params: Params}} Found
 */

/** @type {{parts: string[], view: View, facts: Facts}[]} */
const routes = [];
/** @type {(() => void)|null} */
let leave = null;
let turn = 0;

/**
 * Give a pattern such as "clips/:id" its view.
 * @param {string} pattern
 * @param {View} view
 * @param {Facts} facts
 */
export function route(pattern, view, facts) {
  routes.push({ parts: pattern.split("/"), view, facts });
}

/**
 * What the address asks for, or null.
 * @param {string} hash
 * @returns {Found|null}
 */
export function match(hash) {
  const asked = hash.replace(/^#\/?/, "").split("/").map(decodePart);
  for (const { parts, view, facts } of routes) {
    if (parts.length !== asked.length) continue;
    if (!parts.every((part, i) => (part.startsWith(":") ? asked[i] !== "" : part === asked[i]))) continue;
    const named = parts.flatMap((part, i) => (part.startsWith(":") ? [[part.slice(1), asked[i]]] : []));
    return { view, facts, params: Object.fromEntries(named) };
  }
  return null;
}

/**
 * Go somewhere; `replace` leaves no step in the history.
 * @param {string} path
 * @param {{replace?: boolean}} [options]
 */
export function go(path, { replace = false } = {}) {
  const hash = `#/${path}`;
  if (location.hash === hash) return show();
  if (!replace) {
    location.hash = hash;
    return undefined;
  }
  history.replaceState(null, "", hash);
  return show();
}

/** @type {(found: Found) => HTMLElement} */
let frame = () => document.body;

/**
 * Start: `draw(found)` sets up what surrounds a view and gives the element it is drawn into.
 * @param {(found: Found) => HTMLElement} draw
 */
export function start(draw) {
  frame = draw;
  window.addEventListener("hashchange", () => show());
  return show();
}

/** Draw the view of the address anew. */
export async function show() {
  const mine = ++turn;
  const found = match(location.hash) ?? match("#/");
  if (!found) return;
  leave?.();
  leave = null;
  const root = frame(found);
  root.setAttribute("aria-busy", "true");
  const ended = await found.view(root, found.params);
  root.removeAttribute("aria-busy");
  const left = typeof ended === "function" ? () => void ended() : null;
  if (mine === turn) leave = left;
  else left?.();
}

/**
 * Whether a view that has waited for something is still the one shown.
 * @param {Element} root
 */
export function stillShown(root) {
  return root.isConnected;
}

/** @param {string} part */
function decodePart(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
