/** The card of a session, as the service composes it: what they can do, what changed, one thing to try, the clips. */

import { hasEnded, watchAnalyses } from "../../core/analysis_updates.js";
import { ApiError, get, getErrorStatus } from "../../core/api_client.js";
import { confirmAction } from "../../core/dialogs.js";
import { copyText, el, setChildren, showToast } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { getMovement, loadMovements } from "../../core/movement_list.js";
import { isShown, navigate } from "../../core/router.js";
import { formatWithInterval, loadVocabulary } from "../../core/vocabulary.js";
import { deleteSession, findOpen, loadSessions, setFinished } from "../../sessions/session_store.js";
import { formatDate } from "../../text/formatting.js";
import { messages } from "../../text/messages.js";
import { shortenLabel } from "../../text/words.js";
import { buildClipRow } from "../clip_list.js";
import { describeChange, getChangeClass } from "../key_changes.js";
import { button, heading, iconButton, runAction, showErrorPage } from "../page_parts.js";
import { buildFindingBody } from "../result/findings.js";

/** Render the card of a session. */
export async function renderSessionCardView(root, { client, id }) {
  const path = `sessions/${encodeURIComponent(id)}`;
  const [sessions] = await Promise.all([loadSessions(client), loadMovements(), loadVocabulary()]);
  const open = findOpen(sessions);
  if (open?.id === id) return navigate(`session/${client}`, { replace: true });
  const session = sessions.find((one) => one.id === id) ?? (await loadOrExplain(path));
  if (session.client !== client) return showErrorPage(root, new ApiError(404, messages.session.gone));
  let card = await get(`${path}/card`);
  if (!isShown(root)) return null;
  document.title = `${messages.session.title} · ${card.client} · ${messages.app}`;
  const draw = () => setChildren(root, buildCardParts(card, session, !open));
  draw();
  const statuses = new Map(card.clips.map(({ analysis }) => [analysis.id, analysis]));
  return watchAnalyses(statuses, async (status) => {
    if (!hasEnded(status)) return;
    card = await get(`${path}/card`);
    if (isShown(root)) draw();
  });
}

async function loadOrExplain(path) {
  try {
    return await get(path);
  } catch (error) {
    throw getErrorStatus(error) === 404 ? new ApiError(404, messages.session.gone) : error;
  }
}

function buildCardParts(card, session, canReopen) {
  const took = card.took_minutes === null ? null : messages.time.minutes(card.took_minutes);
  return [
    heading(card.client),
    el("p", { class: "quiet", text: [card.title, formatDate(card.started_at), took].filter(Boolean).join(" · ") }),
    card.waiting ? el("p", { class: "status", role: "status", text: messages.session.analysing(card.waiting) }) : null,
    buildCanSection(card),
    buildChangesSection(card),
    card.next ? buildSection("try", messages.result.oneThing, buildFindingBody(card.next)) : null,
    buildNotesSection(card.notes),
    buildClipsSection(card),
    el("div", { class: "stack no-print" }, canReopen && buildReopenButton(session), buildDeleteButton(session)),
    buildCardActions(card.client),
  ];
}

function buildCanSection({ kind, can, message }) {
  if (!can.length) return message && el("p", { text: message });
  const buildItem = ({ title, text }) =>
    el("li", {}, icon("check"), el("span", {}, kind === "overview" && el("strong", { text: `${title}: ` }), text));
  return buildSection("can", messages.result.can, el("ul", { class: "can-list" }, can.map(buildItem)));
}

/** Build what changed clearly between the two clips, and which try felt better; null if there is neither. */
function buildChangesSection({ changes, felt_better }) {
  if (!changes && !felt_better) return null;
  return buildSection(
    "",
    messages.compare.changes,
    changes && [el("p", { class: "quiet", text: changes.intro }), changes.texts.map((text) => el("p", { text }))],
    felt_better && el("p", { text: felt_better }),
  );
}

function buildNotesSection(notes) {
  if (!notes.length) return null;
  return buildSection(
    "",
    messages.session.notes,
    notes.map(({ title, text }) => el("p", {}, el("strong", { text: `${title}: ` }), text)),
  );
}

function buildClipsSection({ kind, clips, changes }) {
  if (!clips.length) return null;
  const getNote = ({ title, cue }) =>
    [kind === "practice" && title, cue.trim() && messages.session.quote(cue.trim())].filter(Boolean).join(" · ");
  return el(
    "section",
    { class: "no-print", "aria-labelledby": "clips-title" },
    el("h2", { id: "clips-title", text: messages.session.clips }),
    el(
      "ul",
      { class: "plain-list clip-list" },
      clips.map((clip) => {
        const row = buildClipRow(clip.analysis, getNote(clip), false);
        row.append(...[buildMeasures(clip)].filter((list) => list !== null));
        return row;
      }),
    ),
    changes &&
      el(
        "a",
        { class: "button wide", href: `#/compare/${changes.before}/${changes.after}` },
        icon("compare"),
        el("span", { text: messages.compare.title }),
      ),
  );
}

/** List the key measures of a clip with their changes since the first one of the session; null without any. */
function buildMeasures({ key_measures: measures, key_changes: changes, analysis }) {
  if (!measures.length) return null;
  const own = new Map(getMovement(analysis.movement)?.key_measures?.map((measure) => [measure.id, measure]));
  const buildItem = ({ id, label, value, unit, direction }) => {
    const change = changes.find((one) => one.id === id);
    return el(
      "li",
      {},
      el("span", { class: "quiet", text: own.get(id)?.short_label ?? shortenLabel(label) }),
      " ",
      el("strong", { text: formatWithInterval(value, unit, null, direction) }),
      change && [" ", el("small", { class: `since ${getChangeClass(change)}`.trim(), text: describeChange(change) })],
    );
  };
  return el("ul", { class: "clip-measures" }, measures.map(buildItem));
}

/** Build the button that reopens the session, which is offered while no other session of the client is open. */
function buildReopenButton({ id, client }) {
  return button(messages.session.reopen, async () => {
    await setFinished(id, false);
    navigate(`session/${client}`);
  });
}

function buildDeleteButton({ id, client }) {
  const { remove, removeText } = messages.session;
  const deleteButton = button(
    remove,
    async () => {
      if (!(await confirmAction(remove, removeText, remove))) return;
      await runAction(deleteButton, async () => {
        await deleteSession(id);
        showToast(messages.common.deleted);
        navigate(`session/${client}`, { replace: true });
      });
    },
    "careful-text",
  );
  return deleteButton;
}

/** Build the buttons that print the card, or share it as text; links for the client are created on a clip's page. */
function buildCardActions(clientName) {
  const share = async () => {
    const cards = [...document.querySelectorAll("main .card")].map(getVisibleText);
    const text = [clientName, ...cards].join("\n\n");
    if (navigator.share) return navigator.share({ title: messages.app, text }).catch(() => null);
    return showToast((await copyText(text)) ? messages.share.copied : messages.session.notCopied);
  };
  return el(
    "div",
    { class: "actions" },
    iconButton("print", messages.session.print, () => window.print()),
    iconButton("share", messages.common.share, share, "primary"),
  );
}

/**
 * Get the text of an element as shown, with its line breaks.
 * @param {Element} element
 */
function getVisibleText(element) {
  // biome-ignore lint/performance/useDomNodeTextContent: textContent has no line breaks
  return element instanceof HTMLElement ? element.innerText : "";
}

let sectionCount = 0;

function buildSection(className, title, ...content) {
  const id = `card-${++sectionCount}`;
  return el("section", { class: `card ${className}`, "aria-labelledby": id }, el("h2", { id, text: title }), content);
}
