/** Addresses after the #, and the one view that is shown. */

const routes = [];
let leave = null;
let turn = 0;

/** Give a pattern such as "clips/:id" its view: `view(root, params)` draws and may return what to do on leaving. */
export function route(pattern, view, facts) {
  routes.push({ parts: pattern.split("/"), view, facts });
}

/** What the address asks for: {view, facts, params}, or null. */
export function match(hash) {
  const asked = hash.replace(/^#\/?/, "").split("/").map(decodePart);
  for (const { parts, view, facts } of routes) {
    if (parts.length !== asked.length) continue;
    const params = {};
    if (
      parts.every((part, i) => (part.startsWith(":") ? (params[part.slice(1)] = asked[i]) !== "" : part === asked[i]))
    ) {
      return { view, facts, params };
    }
  }
  return null;
}

/** Go somewhere; `replace` leaves no step in the history. */
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

let frame = () => {};

/** Start: `draw(found)` sets up what surrounds a view and gives the element it is drawn into. */
export function start(draw) {
  frame = draw;
  window.addEventListener("hashchange", () => show());
  return show();
}

/** Draw the view of the address anew. */
export async function show() {
  const mine = ++turn;
  const found = match(location.hash) ?? match("#/");
  leave?.();
  leave = null;
  const root = frame(found);
  root.setAttribute("aria-busy", "true");
  const ended = await found.view(root, found.params);
  root.removeAttribute("aria-busy");
  if (mine === turn) leave = ended ?? null;
  else ended?.();
}

/** Whether a view that has waited for something is still the one shown. */
export function stillShown(root) {
  return root.isConnected;
}

function decodePart(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
