/** Making and changing elements: no markup strings, so that nothing a person typed is ever read as markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * What an element may hold: nodes and text, lists of these, and nothing where there is nothing to show.
 * @typedef {Node | string | null | undefined | false | Child[]} Child
 * @typedef {Child[]} Children
 */

/**
 * Attributes by name. `on` holds listeners, `class` and `text` are short for className and textContent.
 * @typedef {{on?: Record<string, (event: any) => unknown>, text?: string | null} & Record<string, unknown>} Props
 */

/**
 * An element of the page.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props]
 * @param {Children} children
 */
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/**
 * An element of a drawing.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props]
 * @param {Children} children
 */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

/**
 * @template {HTMLElement | SVGElement} Made
 * @param {Made} node
 * @param {Props} props
 * @param {Children} children
 */
function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, act] of Object.entries(props.on ?? {})) node.addEventListener(event, act);
    else if (name === "text") node.textContent = String(value);
    else if (name === "class") node.setAttribute("class", String(value));
    else if (name === "value" || name === "checked" || name === "disabled") Object.assign(node, { [name]: value });
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...shownOf(children));
  return node;
}

/**
 * What is left of children that may be lists of children, or nothing.
 * @param {Children} children
 * @returns {(Node | string)[]}
 */
function shownOf(children) {
  /** @type {(Node | string)[]} */
  const shown = [];
  for (const child of children) {
    if (Array.isArray(child)) shown.push(...shownOf(child));
    else if (child !== null && child !== undefined && child !== false) shown.push(child);
  }
  return shown;
}

/**
 * Replace what an element holds.
 * @template {Element} Holder
 * @param {Holder} node
 * @param {Children} children
 */
export function put(node, ...children) {
  node.replaceChildren(...shownOf(children));
  return node;
}

/**
 * The element of index.html with this id.
 * @param {string} id
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`index.html has no element #${id}`);
  return node;
}

/**
 * Move the focus to the first element below `node` that fits, if there is one.
 * @param {Element} node
 * @param {string} selector
 * @param {FocusOptions} [options]
 */
export function focusIn(node, selector, options) {
  const found = node.querySelector(selector);
  if (found instanceof HTMLElement) found.focus(options);
}

/**
 * Tell a screen reader something that is seen elsewhere. What lies behind an open sheet is not read.
 * @param {string} text
 */
export function announce(text) {
  const live = document.querySelector("dialog[open] .sheet-live") ?? document.getElementById("live");
  if (live && live.textContent !== text) live.textContent = text;
}

let toastTimer = 0;

/**
 * A short message at the bottom, also told to screen readers.
 * @param {string} text
 */
export function toast(text) {
  const node = byId("toast");
  node.textContent = text;
  node.hidden = false;
  toastTo(document.querySelector("dialog[open]") ?? document.body);
  announce(text);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    node.hidden = true;
  }, 5000);
}

/**
 * Put the message where it is in front: in an open sheet, and out of one that goes.
 * @param {Element} place
 */
export function toastTo(place) {
  const node = byId("toast");
  if (node.parentElement !== place) place.append(node);
}

let fieldNumber = 0;

/**
 * A labelled field; `control` is given an id.
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string|null} [hint]
 */
export function field(label, control, hint = null) {
  control.id = control.id || `field-${++fieldNumber}`;
  const told = hint === null ? null : el("span", { class: "quiet", id: `${control.id}-hint`, text: hint });
  if (told) control.setAttribute("aria-describedby", told.id);
  return el("div", { class: "field" }, el("label", { for: control.id, text: label }), control, told);
}

/**
 * A group of radio buttons drawn as chips. The group's node has `chosen()` and `choose(value)`.
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
  const inputs = () => [...row.querySelectorAll("input")];
  return Object.assign(group, {
    chosen: () => inputs().find((input) => input.checked)?.value ?? null,
    /** @param {unknown} value */
    choose: (value) => {
      for (const input of inputs()) input.checked = input.value === String(value);
    },
  });
}

/**
 * Save words to the clipboard; also where there is no TLS, and so no clipboard API.
 * @param {string} text
 */
export async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      /* refused: the older way */
    }
  }
  const area = el("textarea", { class: "visually-hidden", readonly: true, "aria-hidden": "true" });
  area.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
