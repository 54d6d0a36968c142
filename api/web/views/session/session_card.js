/** The card of a finished session: what they can do, what changed, one thing to try, and the clips. */

import { hasEnded, watchAnalyses } from "../../core/analysis_updates.js";
import { ApiError, get, getErrorMessage, getErrorStatus, getIfPresent } from "../../core/api_client.js";
import { getOwnerKey } from "../../core/current_user.js";
import { copyText, el, setChildren, showToast } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { loadMovements } from "../../core/movement_list.js";
import { isShown, navigate } from "../../core/router.js";
import { loadVocabulary } from "../../core/vocabulary.js";
import { loadSessionClips } from "../../sessions/session_clips.js";
import { getPlan } from "../../sessions/session_plans.js";
import { findOpenSession, findSession, hasCurrentPlan, updateSession } from "../../sessions/session_store.js";
import {
  chooseCanFindings,
  chooseComparison,
  chooseNextFinding,
  findBetterTry,
} from "../../sessions/session_summary.js";
import { formatDate } from "../../text/formatting.js";
import { messages } from "../../text/messages.js";
import { buildClipRow } from "../clip_list.js";
import { button, heading, iconButton, showErrorPage } from "../page_parts.js";
import { buildFindingBody } from "../result/findings.js";
import { getClient } from "./session_page.js";

const MAX_CHANGES = 2; // sentences about what changed (docs/sources.md 6)
const MINUTE_MS = 60_000;

/** Render the card of a finished session. */
export async function renderSessionCardView(root, { client: clientId, id }) {
  await Promise.all([loadMovements(), loadVocabulary()]);
  const stored = findSession(id);
  if (stored?.client !== clientId || stored.owner !== getOwnerKey() || !hasCurrentPlan(stored))
    return showErrorPage(root, new ApiError(404, messages.session.gone));
  if (stored.finished === null) return navigate(`session/${clientId}`, { replace: true });
  const [client, { session, statuses }] = await Promise.all([getClient(clientId), loadSessionClips(stored)]);
  if (!isShown(root)) return null;
  document.title = `${messages.session.title} · ${client.name} · ${messages.app}`;
  const results = new Map();
  const draw = async () => {
    for (const { id: analysis, status } of statuses.values()) {
      if (status === "done" && !results.has(analysis))
        results.set(analysis, await getIfPresent(`analyses/${encodeURIComponent(analysis)}/result`));
    }
    const parts = await buildCardParts(client, session, statuses, results);
    if (isShown(root)) setChildren(root, parts);
  };
  await draw();
  return watchAnalyses(statuses, (status) => hasEnded(status) && draw());
}

async function buildCardParts(client, session, statuses, results) {
  const plan = getPlan(session);
  const steps = plan.steps.map(({ name, title, movement }, i) => {
    const step = session.steps[i];
    const [status, result] = [statuses, results].map((byId) => byId.get(step.analysis) ?? null);
    return { name, title, movement, step, status, result };
  });
  const running = [...statuses.values()].filter((status) => !hasEnded(status)).length;
  const pair = chooseComparison(plan.kind, steps);
  const minutes = Math.max(1, Math.round((session.finished - session.started) / MINUTE_MS));
  return [
    heading(client.name),
    el("p", {
      class: "quiet",
      text: [plan.title, formatDate(session.started), minutes <= 2 * plan.minutes && messages.time.minutes(minutes)]
        .filter(Boolean)
        .join(" · "),
    }),
    running ? el("p", { class: "status", role: "status", text: messages.session.analysing(running) }) : null,
    buildCanSection(plan.kind, steps, running),
    await buildChangesSection(pair, findBetterTry(steps)),
    buildTrySection(chooseNextFinding(plan.kind, steps)),
    buildNotesSection(steps),
    buildClipsSection(plan.kind, steps, pair),
    buildReopenButton(session),
    buildCardActions(client.name),
  ];
}

function buildCanSection(kind, steps, running) {
  const findings = chooseCanFindings(kind, steps);
  if (!findings.length) {
    const hasResult = steps.some(({ result }) => result);
    if (running && !hasResult) return null;
    return el("p", { text: hasResult ? messages.result.known : messages.session.nothingYet });
  }
  const buildItem = ({ title, text }) =>
    el("li", {}, icon("check"), el("span", {}, kind === "overview" && el("strong", { text: `${title}: ` }), text));
  return buildSection("can", messages.result.can, el("ul", { class: "can-list" }, findings.map(buildItem)));
}

/** Build what changed clearly between the two clips, and which try felt better; null if there is neither. */
async function buildChangesSection(pair, better) {
  const changes = pair && [
    el("p", {
      class: "quiet",
      text: messages.session.comparison(pair[0].title, pair[1].title),
    }),
    (await getChangeTexts(...pair)).map((text) => el("p", { text })),
  ];
  const feltBetter =
    better && messages.session.feltBetter(better.better, better.level, better.other, better.otherLevel);
  if (!changes && !feltBetter) return null;
  return buildSection("", messages.compare.changes, changes, feltBetter && el("p", { text: feltBetter }));
}

/** Get the sentences of the comparison, improvements first; a cue that was given between the clips is passed on. */
async function getChangeTexts(before, after) {
  const cue = after.step.cue.trim();
  const query = new URLSearchParams({ a: before.status.id, b: after.status.id, ...(cue ? { cue } : {}) });
  try {
    const [{ told: changes }] = (await get(`compare?${query}`)).pairs;
    return changes.length ? changes.slice(0, MAX_CHANGES).map(({ text }) => text) : [messages.compare.nothing];
  } catch (error) {
    return [getErrorStatus(error) === 422 ? messages.session.notComparable : getErrorMessage(error)];
  }
}

function buildTrySection(finding) {
  return finding ? buildSection("try", messages.result.oneThing, buildFindingBody(finding)) : null;
}

function buildNotesSection(steps) {
  const noted = steps.filter(({ movement, step }) => !movement && !step.skipped && step.note.trim());
  if (!noted.length) return null;
  return buildSection(
    "",
    messages.session.notes,
    noted.map(({ title, step }) => el("p", {}, el("strong", { text: `${title}: ` }), step.note.trim())),
  );
}

function buildClipsSection(kind, steps, pair) {
  const filmed = steps.filter(({ status }) => status);
  if (!filmed.length) return null;
  const getNote = ({ title, step }) =>
    [kind === "practice" && title, step.cue.trim() && messages.session.quote(step.cue.trim())]
      .filter(Boolean)
      .join(" · ");
  return el(
    "section",
    { class: "no-print", "aria-labelledby": "clips-title" },
    el("h2", { id: "clips-title", text: messages.session.clips }),
    el(
      "ul",
      { class: "plain-list clip-list" },
      filmed.map((step) => buildClipRow(step.status, getNote(step))),
    ),
    pair &&
      el(
        "a",
        { class: "button wide", href: `#/compare/${pair[0].status.id}/${pair[1].status.id}` },
        icon("compare"),
        el("span", { text: messages.compare.title }),
      ),
  );
}

/** Build the button that reopens the session; null while another session of the client is open. */
function buildReopenButton(session) {
  if (findOpenSession(session.owner, session.client)) return null;
  const reopen = () => {
    updateSession(session.id, { finished: null });
    navigate(`session/${session.client}`);
  };
  return el("div", { class: "stack no-print" }, button(messages.session.reopen, reopen));
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
