/**
 * Creating and changing DOM elements. No markup strings: text that a person typed is never parsed as HTML.
 * Functions that create an element are named for it: `el`, `svg`, `field`, `choices`.
 */

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * Children of an element: nodes, text, or lists of these; null, undefined and false are skipped.
 * @typedef {Node | string | null | undefined | false | Child[]} Child
 * @typedef {Child[]} Children
 */

/**
 * Attributes by name. `on` holds listeners; `class` and `text` set className and textContent.
 * @typedef {{on?: Record<string, (event: any) => unknown>, text?: string | null} & Record<string, unknown>} Props
 */

/**
 * Create an HTML element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props]
 * @param {Children} children
 */
export function el(tag, props = {}, ...children) {
  return applyProps(document.createElement(tag), props, children);
}

/**
 * Create an SVG element.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props]
 * @param {Children} children
 */
export function svg(tag, props = {}, ...children) {
  return applyProps(document.createElementNS(SVG_NAMESPACE, tag), props, children);
}

/**
 * @template {HTMLElement | SVGElement} Target
 * @param {Target} node
 * @param {Props} props
 * @param {Children} children
 */
function applyProps(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on")
      for (const [event, listener] of Object.entries(props.on ?? {})) node.addEventListener(event, listener);
    else if (name === "text") node.textContent = String(value);
    else if (name === "class") node.setAttribute("class", String(value));
    else if (name === "value" || name === "checked" || name === "disabled") Object.assign(node, { [name]: value });
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...flattenChildren(children));
  return node;
}

/**
 * Flatten nested lists of children and drop the empty ones.
 * @param {Children} children
 * @returns {(Node | string)[]}
 */
function flattenChildren(children) {
  /** @type {(Node | string)[]} */
  const flat = [];
  for (const child of children) {
    if (Array.isArray(child)) flat.push(...flattenChildren(child));
    else if (child !== null && child !== undefined && child !== false) flat.push(child);
  }
  return flat;
}

/**
 * Replace the children of an element.
 * @template {Element} Parent
 * @param {Parent} node
 * @param {Children} children
 */
export function setChildren(node, ...children) {
  node.replaceChildren(...flattenChildren(children));
  return node;
}

/**
 * Get the element of index.html with this id.
 * @param {string} id
 */
export function getElement(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`index.html has no element #${id}`);
  return node;
}

/**
 * Focus the first element below `node` that matches `selector`, if there is one.
 * @param {Element} node
 * @param {string} selector
 * @param {FocusOptions} [options]
 */
export function focusFirst(node, selector, options) {
  const target = node.querySelector(selector);
  if (target instanceof HTMLElement) target.focus(options);
}

/**
 * Announce a text to screen readers. With a sheet open its own live region is used, as the page behind it is inert.
 * @param {string} text
 */
export function announce(text) {
  const region = document.querySelector("dialog[open] .sheet-live") ?? document.getElementById("live");
  if (region && region.textContent !== text) region.textContent = text;
}

let toastTimer = 0;

/**
 * Show a short message at the bottom for a few seconds, and announce it.
 * @param {string} text
 * @param {{link?: {href: string, text: string}|null, ms?: number}} [options] with a link it stays while that has the focus
 */
export function showToast(text, { link = null, ms = 5000 } = {}) {
  const node = getElement("toast");
  const hide = () => {
    if (node.contains(document.activeElement)) toastTimer = setTimeout(hide, ms);
    else node.hidden = true;
  };
  setChildren(
    node,
    text,
    link && [" ", el("a", { href: link.href, text: link.text, on: { click: () => (node.hidden = true) } })],
  );
  node.hidden = false;
  moveToast(document.querySelector("dialog[open]") ?? document.body);
  announce(text);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(hide, ms);
}

/**
 * Move the message into `place`: into an open sheet, where it is in front, and out of one that closes.
 * @param {Element} place
 */
export function moveToast(place) {
  const node = getElement("toast");
  if (node.parentElement !== place) place.append(node);
}

let fieldNumber = 0;

/**
 * Create a labelled field; sets the id of `control` if it has none.
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string|null} [hint]
 */
export function field(label, control, hint = null) {
  control.id = control.id || `field-${++fieldNumber}`;
  const description = hint === null ? null : el("span", { class: "quiet", id: `${control.id}-hint`, text: hint });
  if (description) control.setAttribute("aria-describedby", description.id);
  return el("div", { class: "field" }, el("label", { for: control.id, text: label }), control, description);
}

/**
 * Create a group of radio buttons drawn as chips. The returned node has `getChoice()`.
 * @param {string} legend
 * @param {string} name
 * @param {[value: unknown, label: string][]} options
 * @param {unknown} [chosen]
 * @param {string} [className]
 */
export function choices(legend, name, options, chosen = null, className = "") {
  const group = el("fieldset", { class: `choices ${className}` }, el("legend", { text: legend }));
  const row = el("div", { class: "chips" });
  for (const [value, label] of options) {
    const input = el("input", { type: "radio", name, value: String(value), checked: String(value) === String(chosen) });
    row.append(el("label", { class: "chip" }, input, el("span", { text: label })));
  }
  group.append(row);
  return Object.assign(group, {
    getChoice: () => [...row.querySelectorAll("input")].find((input) => input.checked)?.value ?? null,
  });
}

/**
 * Copy a text to the clipboard, also without TLS, where browsers have no clipboard API.
 * @returns {Promise<boolean>} whether it worked
 * @param {string} text
 */
export async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      /* refused: use the older API below */
    }
  }
  const area = el("textarea", { class: "visually-hidden", readonly: true, "aria-hidden": "true" });
  area.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  return isCopied;
}
