/** Making and changing elements: no markup strings, so that nothing a person typed is ever read as markup. */

const SVG = "http://www.w3.org/2000/svg";

/** An element. `on` holds listeners, `class` and `text` are short for className and textContent; null children are left out. */
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** An element of a drawing. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (name === "text") node.textContent = value;
    else if (name === "class") node.setAttribute("class", value);
    else if (name === "value" || name === "checked" || name === "disabled") node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Replace what an element holds. */
export function put(node, ...children) {
  node.replaceChildren(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

/** Tell a screen reader something that is seen elsewhere. What lies behind an open sheet is not read. */
export function announce(text) {
  const live = document.querySelector("dialog[open] .sheet-live") ?? document.getElementById("live");
  if (live && live.textContent !== text) live.textContent = text;
}

let toastTimer = 0;

/** A short message at the bottom, also told to screen readers. */
export function toast(text) {
  const node = document.getElementById("toast");
  node.textContent = text;
  node.hidden = false;
  toastTo(document.querySelector("dialog[open]") ?? document.body);
  announce(text);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    node.hidden = true;
  }, 5000);
}

/** Put the message where it is in front: in an open sheet, and out of one that goes. */
export function toastTo(place) {
  const node = document.getElementById("toast");
  if (node.parentElement !== place) place.append(node);
}

let fieldNumber = 0;

/** A labelled field; `control` is given an id. */
export function field(label, control, hint = null) {
  control.id = control.id || `field-${++fieldNumber}`;
  const told = hint && el("span", { class: "quiet", id: `${control.id}-hint`, text: hint });
  if (told) control.setAttribute("aria-describedby", told.id);
  return el("div", { class: "field" }, el("label", { for: control.id, text: label }), control, told);
}

/** A group of radio buttons drawn as chips; `options` are [value, label]. The group's node has `chosen()`. */
export function choices(legend, name, options, chosen = null, className = "") {
  const group = el("fieldset", { class: `choices ${className}` }, el("legend", { text: legend }));
  const row = el("div", { class: "chips" });
  for (const [value, label] of options) {
    const input = el("input", { type: "radio", name, value: String(value), checked: String(value) === String(chosen) });
    row.append(el("label", { class: "chip" }, input, el("span", { text: label })));
  }
  group.append(row);
  group.chosen = () => row.querySelector("input:checked")?.value ?? null;
  group.choose = (value) => {
    for (const input of row.querySelectorAll("input")) input.checked = input.value === String(value);
  };
  return group;
}

/** Save words to the clipboard; also where there is no TLS, and so no clipboard API. */
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
