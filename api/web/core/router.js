/** Hash router: patterns such as "clips/:id", and the one view that is shown. */

/**
 * What the page frame needs to know about a view.
 * @typedef {object} RouteOptions
 * @property {string} title
 * @property {string} [tab] path of the tab it belongs to
 * @property {string | ((params: Params) => string)} [back] path of the back button
 * @property {boolean} [hidesTabs] without tabs on a phone
 * @property {boolean} [isPublic] open to anyone, also signed out
 *
 * @typedef {Record<string, string>} Params
 * @typedef {(root: HTMLElement, params: any) => unknown} View draws into `root`; may return (also as a promise) a
 *   function to call on leaving
 * @typedef {{view: View, options: RouteOptions, params: Params}} RouteMatch
 */

/** @type {{parts: string[], view: View, options: RouteOptions}[]} */
const routes = [];
/** @type {(() => void)|null} */
let leaveView = null;
let renderNumber = 0;

/**
 * Register the view of a pattern.
 * @param {string} pattern
 * @param {View} view
 * @param {RouteOptions} options
 */
export function addRoute(pattern, view, options) {
  routes.push({ parts: pattern.split("/"), view, options });
}

/**
 * Find the route of a URL hash; null if there is none.
 * @param {string} hash
 * @returns {RouteMatch|null}
 */
export function matchRoute(hash) {
  const path = hash.replace(/^#\/?/, "").split("/").map(decodePart);
  for (const { parts, view, options } of routes) {
    if (parts.length !== path.length) continue;
    if (!parts.every((part, i) => (part.startsWith(":") ? path[i] !== "" : part === path[i]))) continue;
    const params = parts.flatMap((part, i) => (part.startsWith(":") ? [[part.slice(1), path[i]]] : []));
    return { view, options, params: Object.fromEntries(params) };
  }
  return null;
}

/**
 * Navigate to a path; `replace` adds no entry to the browser's history.
 * @param {string} path
 * @param {{replace?: boolean}} [options]
 */
export function navigate(path, { replace = false } = {}) {
  const hash = `#/${path}`;
  if (location.hash === hash) return renderRoute();
  if (!replace) {
    location.hash = hash;
    return undefined;
  }
  history.replaceState(null, "", hash);
  return renderRoute();
}

/** @type {(match: RouteMatch) => HTMLElement} */
let renderFrame = () => document.body;

/**
 * Start routing. `render(match)` draws the page frame and returns the element for the view.
 * @param {(match: RouteMatch) => HTMLElement} render
 */
export function startRouter(render) {
  renderFrame = render;
  window.addEventListener("hashchange", () => renderRoute());
  return renderRoute();
}

/** Render the view of the current address, also if it is shown already. */
export async function renderRoute() {
  const number = ++renderNumber;
  const match = matchRoute(location.hash) ?? matchRoute("#/");
  if (!match) return;
  leaveView?.();
  leaveView = null;
  const root = renderFrame(match);
  window.dispatchEvent(new Event("viewchange"));
  root.setAttribute("aria-busy", "true");
  const onLeave = await match.view(root, match.params);
  root.removeAttribute("aria-busy");
  const leave = typeof onLeave === "function" ? () => void onLeave() : null;
  if (number === renderNumber) leaveView = leave;
  else leave?.();
}

/**
 * Tell whether a view that has awaited something is still the one shown.
 * @param {Element} root
 */
export function isShown(root) {
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
