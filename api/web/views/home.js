/** A new clip: film or choose, with the guide and the optional details. */

import { Told, everyRow, statusOf } from "../api.js";
import { el, field, put } from "../dom.js";
import { movements, ownerKey, whoAmI } from "../facts.js";
import { guideCard } from "../guide.js";
import { icon } from "../icons.js";
import { listPending } from "../pending.js";
import { go, stillShown } from "../router.js";
import { arrivals, send } from "../sending.js";
import { sent } from "../sessions.js";
import { plainName, sizeText } from "../text.js";
import { words } from "../words.js";
import { heading, problemBox } from "./common.js";

const NEW = "new";

export async function homeView(root, { client = null } = {}) {
  const details = detailsForm(client);
  const problems = el("div", {});
  const way = el("div", {});
  const drawWay = () => put(way, underWay());
  drawWay();
  arrivals.addEventListener("arrival", drawWay);
  const leave = () => arrivals.removeEventListener("arrival", drawWay);
  const tell = (told) => {
    put(problems, problemBox(told));
    problems.scrollIntoView({ block: "center" });
  };
  const picked = async (file) => {
    put(problems);
    try {
      const sending = await begin(file, details.options());
      go(`send/${sending.entry.id}`);
    } catch (told) {
      tell(told);
    }
  };
  /** The options as they stand go with the view that films; one that cannot be read is told first. */
  const film = (event) => {
    put(problems);
    try {
      options = details.options();
    } catch (told) {
      event.preventDefault();
      tell(told);
    }
  };
  put(
    root,
    heading(words.home.title),
    way,
    guideCard(),
    details.node,
    problems,
    el("div", { class: "actions" }, clipWays(client ? `#/film/${client}` : "#/film", picked, film)),
  );
  try {
    await details.load(() => stillShown(root));
  } catch (told) {
    // Without a network the view stays: a clip on its way can be seen to.
    if (statusOf(told) === 401) {
      leave();
      throw told;
    }
  }
  return leave;
}

const GIF = "image/gif"; // whether it is animated is found out by the server
const ALSO_CLIPS = [GIF, "application/octet-stream"];

/** @type {Record<string, unknown>|null} */
let options = null;

export const optionsKept = () => options ?? {};

/**
 * Check a file and send it; throws Told.
 * @param {File} file
 * @param {Record<string, unknown>} given
 * @param {{session: string, index: number}|null} [step] of the session that it is for
 */
export async function begin(file, given, step = null) {
  /** @param {string} text */
  const refuse = (text) => {
    throw new Told(null, text);
  };
  const most = (await whoAmI()).limits.max_upload_bytes;
  if (!file.size) refuse(words.home.empty(file.name));
  if (file.type && !file.type.startsWith("video/") && !ALSO_CLIPS.includes(file.type))
    refuse(words.home.notVideo(file.name));
  if (file.size > most) refuse(words.home.tooLarge(file.name, sizeText(file.size), sizeText(most)));
  options = null;
  const sending = await send(file, given, ownerKey());
  if (step) sent(step, sending.entry.id);
  return sending;
}

/** The two ways to a clip: film it, inside the page where the browser allows that, or choose one that is there. */
export function clipWays(href, picked, film = () => {}) {
  const guided =
    window.isSecureContext &&
    "mediaDevices" in navigator &&
    "getUserMedia" in navigator.mediaDevices &&
    window.MediaRecorder;
  return [
    guided
      ? el("a", { class: "button primary", href, on: { click: film } }, icon("film"), words.home.film)
      : fileButton(words.home.film, "film", picked, { capture: true, primary: true }),
    fileButton(words.home.choose, "folder", picked),
  ];
}

/**
 * A load as typed, in kg; null where none was. Throws Told.
 * @param {string} text
 */
export function loadOf(text) {
  if (!text.trim()) return null;
  const load = Number(text.trim().replace(",", "."));
  if (!(load >= 0 && load <= 1000)) throw new Told(null, words.home.badLoad);
  return load;
}

/** A button that opens the phone's picker or camera. */
export function fileButton(label, name, picked, { capture = false, primary = false } = {}) {
  const input = el("input", {
    type: "file",
    accept: capture ? "video/*" : `video/*,${GIF}`,
    capture: capture ? "environment" : null,
    class: "visually-hidden",
    on: {
      change: () => {
        const file = input.files?.[0];
        input.value = "";
        if (file) picked(file);
      },
    },
  });
  return el(
    "label",
    { class: `button file${primary ? " primary" : ""}` },
    icon(name),
    el("span", { text: label }),
    input,
  );
}

function underWay() {
  const entries = listPending(ownerKey());
  return entries.length
    ? el(
        "section",
        { class: "card", "aria-labelledby": "under-way" },
        el("h2", { id: "under-way", text: words.home.under }),
        el(
          "ul",
          { class: "plain-list" },
          entries.map((entry) =>
            el(
              "li",
              {},
              el(
                "a",
                { class: "line-link", href: `#/send/${entry.id}` },
                el("span", { text: entry.name }),
                el("span", { class: "quiet", text: words.send.of(sizeText(entry.sent ?? 0), sizeText(entry.size)) }),
              ),
            ),
          ),
        ),
      )
    : null;
}

function detailsForm(client) {
  const who = el(
    "select",
    {},
    el("option", { value: "", text: words.common.noClient }),
    el("option", { value: NEW, text: words.home.newClient }),
  );
  const name = el("input", { type: "text", maxlength: "120", autocomplete: "off" });
  const nameField = field(words.home.newClientName, name);
  const movement = el("select", {}, el("option", { value: "auto", text: words.home.auto }));
  const variant = el("select", {});
  const variantField = field(words.home.variant, variant);
  const load = el("input", { type: "text", inputmode: "decimal", autocomplete: "off", maxlength: "7" });
  const note = el("textarea", { rows: "2", maxlength: "2000" });
  /** @type {import("../facts.js").Movement[]} */
  let known = [];
  nameField.hidden = variantField.hidden = true;
  who.addEventListener("change", () => {
    nameField.hidden = who.value !== NEW;
    if (!nameField.hidden) name.focus();
  });
  movement.addEventListener("change", () => {
    const variants = known.find((one) => one.name === movement.value)?.variants ?? [];
    put(
      variant,
      el("option", { value: "", text: words.home.anyVariant }),
      variants.map((one) => el("option", { value: one, text: plainName(one) })),
    );
    variantField.hidden = !variants.length;
  });
  const node = el(
    "details",
    { class: "card details", open: client !== null },
    el(
      "summary",
      {},
      el("span", { text: words.home.details }),
      el("span", { class: "quiet", text: words.home.detailsHint }),
    ),
    el(
      "div",
      { class: "fields" },
      field(words.home.client, who),
      nameField,
      field(words.home.movement, movement),
      variantField,
      field(words.home.load, load),
      field(words.home.note, note, words.home.noteHint),
    ),
  );
  return {
    node,
    async load(shown) {
      const [clients, moves] = await Promise.all([everyRow("clients?limit=200"), movements()]);
      if (!shown()) return;
      known = moves;
      who.append(...clients.map((one) => el("option", { value: one.id, text: one.name })));
      if (client) who.value = client;
      movement.append(...known.map((one) => el("option", { value: one.name, text: plainName(one.title) })));
    },
    options() {
      /** @type {Record<string, unknown>} */
      const given = {};
      const chosen = who.value === NEW ? name.value.trim() : who.value;
      if (chosen) given.client = chosen;
      if (movement.value !== "auto") given.movement = movement.value;
      if (!variantField.hidden && variant.value) given.variant = variant.value;
      const load_kg = loadOf(load.value);
      if (load_kg !== null) given.load_kg = load_kg;
      if (note.value.trim()) given.note = note.value.trim();
      return given;
    },
  };
}
