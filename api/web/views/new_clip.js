/** The start page: film or choose a new clip, with the filming guide, its details, and the uploads under way. */

import { getAllItems, getErrorStatus } from "../core/api_client.js";
import { getOwnerKey } from "../core/current_user.js";
import { el, field, setChildren } from "../core/dom.js";
import { getMovement, getMovementTitle, loadMovements } from "../core/movement_list.js";
import { isShown, navigate } from "../core/router.js";
import { formatBytes } from "../text/formatting.js";
import { messages } from "../text/messages.js";
import { parseLoadKg } from "../text/number_parsing.js";
import { getSentBytes, uploadEvents } from "../upload/clip_upload.js";
import { listPendingUploads } from "../upload/pending_uploads.js";
import { hasSharedFiles } from "../upload/shared_files.js";
import { createClientFields, noteInput, numberInput, setVariants } from "./clip_fields.js";
import { buildClipButtons, setDraftOptions, submitClip } from "./clip_intake.js";
import { buildFilmingGuide } from "./filming_guide.js";
import { heading, problemBox } from "./page_parts.js";

const AMOUNT_MS = 1000; // between updates of what was sent; chosen

/**
 * Render the view of a new clip, for a client if one is given; `isShared`: with clips that another app has shared.
 * @param {HTMLElement} root
 * @param {{client?: string|null, isShared?: boolean}} [options]
 */
export async function renderNewClipView(root, { client = null, isShared = false } = {}) {
  const details = createDetailsForm(client);
  const problems = el("div", {});
  const uploads = el("div", {});
  const shared = el("div", {});
  const drawUploads = () => setChildren(uploads, buildPendingUploads());
  drawUploads();
  uploadEvents.addEventListener("arrival", drawUploads);
  const drawChangedUploads = () => hasOtherUploads(uploads) && drawUploads();
  addEventListener("storage", drawChangedUploads); // another tab may have started or ended an upload
  const timer = setInterval(() => drawAmounts(uploads), AMOUNT_MS);
  const leave = () => {
    uploadEvents.removeEventListener("arrival", drawUploads);
    removeEventListener("storage", drawChangedUploads);
    clearInterval(timer);
  };
  const showProblem = (error) => {
    setChildren(problems, problemBox(error));
    problems.scrollIntoView({ block: "center" });
  };
  const onFile = async (file) => {
    setChildren(problems);
    try {
      const clip = await submitClip(file, details.getOptions());
      navigate(`send/${clip.entry.id}`);
    } catch (error) {
      showProblem(error);
    }
  };
  /** Keep the options for the view that films, unless one of them cannot be read. */
  const onFilm = (event) => {
    setChildren(problems);
    try {
      setDraftOptions(details.getOptions());
    } catch (error) {
      event.preventDefault();
      showProblem(error);
    }
  };
  const actions = el(
    "div",
    { class: "actions" },
    buildClipButtons(client ? `#/film/${client}` : "#/film", onFile, onFilm),
  );
  setChildren(
    root,
    heading(messages.newClip.title),
    shared,
    uploads,
    buildFilmingGuide(),
    details.node,
    problems,
    actions,
  );
  if (isShared || (await hasSharedFiles())) {
    const { showSharedClips } = await import("./shared_clips.js");
    await showSharedClips(shared, actions, details.getOptions, isShared).catch(showProblem);
  }
  try {
    await details.load(() => isShown(root));
  } catch (error) {
    // Offline the view stays, as pending uploads still need attention.
    if (getErrorStatus(error) === 401) {
      leave();
      throw error;
    }
  }
  return leave;
}

function buildPendingUploads() {
  const entries = listPendingUploads(getOwnerKey());
  if (!entries.length) return null;
  return el(
    "section",
    { class: "card", "aria-labelledby": "pending-title" },
    el("h2", { id: "pending-title", text: messages.newClip.pending }),
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
            el("span", { class: "quiet", "data-upload": entry.id, text: describeAmount(entry) }),
          ),
        ),
      ),
    ),
  );
}

/** Tell whether other uploads are stored than those that are shown. */
function hasOtherUploads(uploads) {
  const shown = [...uploads.querySelectorAll("[data-upload]")].map((node) => node.getAttribute("data-upload"));
  return (
    shown.join() !==
    listPendingUploads(getOwnerKey())
      .map(({ id }) => id)
      .join()
  );
}

const describeAmount = (entry) => messages.common.amount(formatBytes(getSentBytes(entry)), formatBytes(entry.size));

/** Update how much of each upload was sent. */
function drawAmounts(uploads) {
  for (const entry of listPendingUploads(getOwnerKey())) {
    const amount = uploads.querySelector(`[data-upload="${entry.id}"]`);
    if (amount) amount.textContent = describeAmount(entry);
  }
}

/** @param {string|null} client id of the client chosen already */
function createDetailsForm(client) {
  const clientFields = createClientFields();
  const movement = el("select", {}, el("option", { value: "auto", text: messages.newClip.auto }));
  const variant = el("select", {});
  const variantField = field(messages.newClip.variant, variant);
  const load = numberInput();
  const note = noteInput();
  variantField.hidden = true;
  movement.addEventListener("change", () => {
    const variants = getMovement(movement.value)?.variants ?? [];
    setVariants(variant, variants);
    variantField.hidden = !variants.length;
  });
  const node = el(
    "details",
    { class: "card details", open: client !== null },
    el(
      "summary",
      {},
      el("span", { text: messages.common.details }),
      el("span", { class: "quiet", text: messages.newClip.detailsHint }),
    ),
    el(
      "div",
      { class: "fields" },
      clientFields.nodes,
      field(messages.common.movement, movement),
      variantField,
      field(messages.newClip.load, load),
      field(messages.common.note, note, messages.newClip.noteHint),
    ),
  );
  return {
    node,
    /** @param {() => boolean} isStillShown */
    async load(isStillShown) {
      const [clients, movements] = await Promise.all([getAllItems("clients?limit=200"), loadMovements()]);
      if (!isStillShown()) return;
      clientFields.setClients(clients, client);
      movement.append(...movements.map(({ name }) => el("option", { value: name, text: getMovementTitle(name) })));
    },
    /** Get the fields of POST /v1/analyses that were filled in. Throws ApiError. */
    getOptions() {
      const load_kg = parseLoadKg(load.value);
      const options = {
        client: clientFields.getClient(),
        movement: movement.value === "auto" ? null : movement.value,
        variant: variantField.hidden ? null : variant.value || null,
        load_kg,
        note: note.value.trim() || null,
      };
      return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
    },
  };
}
