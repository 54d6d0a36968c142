/** What can be done with a result: compare, share, delete, download its files; and the facts about the clip. */

import { buildAnalysisUrl, getPage, remove } from "../../core/api_client.js";
import { confirmAction, openSheet } from "../../core/dialogs.js";
import { el, setChildren, showToast } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { navigate } from "../../core/router.js";
import { formatLoad, formatSeconds, getVocabulary } from "../../core/vocabulary.js";
import { formatDate, formatTime } from "../../text/formatting.js";
import { messages } from "../../text/messages.js";
import { buildClipRow, buildPagedList } from "../clip_list.js";
import { iconButton, problemBox, runAction } from "../page_parts.js";
import { openShareSheet } from "./share_links.js";

/** Build the buttons that compare, share and delete the clip. */
export function buildActions(status, result) {
  const deleteButton = iconButton("bin", messages.common.delete, () => deleteAnalysis(deleteButton, status), "tall");
  return el(
    "div",
    { class: "three" },
    iconButton("compare", messages.result.compare, () => openComparisonSheet(status, result), "tall"),
    iconButton("share", messages.common.share, () => openShareSheet(status), "tall"),
    deleteButton,
  );
}

/** Build the link that films the same thing again; null where the movement is not known. */
export function buildRepeatLink(status, result) {
  if (result.movement.name === "unknown") return null;
  return el("a", { class: "button", href: `#/again/${status.id}` }, icon("film"), messages.repeat.title);
}

async function deleteAnalysis(deleteButton, status) {
  if (!(await confirmAction(messages.result.removeTitle, messages.result.removeText, messages.common.delete))) return;
  await runAction(deleteButton, async () => {
    await remove(`analyses/${status.id}`);
    showToast(messages.common.deleted);
    navigate("clips", { replace: true });
  });
}

/** Choose the clip to compare with: only clips of the same person and movement. */
async function openComparisonSheet(status, result) {
  const box = el("div", {}, el("p", { class: "quiet", text: messages.common.loading }));
  openSheet(messages.compare.choose, () => [box]);
  try {
    const clientQuery = status.client ? `&client=${encodeURIComponent(status.client)}` : "";
    const movement = encodeURIComponent(result.movement.name);
    const path = `analyses?status=done&movement=${movement}${clientQuery}&limit=50`;
    const buildRows = (statuses, isComplete) => {
      const others = statuses.filter(({ id, client }) => id !== status.id && client === status.client);
      if (!others.length && isComplete) return el("p", { class: "empty", text: messages.compare.none });
      return el(
        "ul",
        { class: "plain-list clip-list" },
        others.map((other) => buildComparisonRow(status, other)),
      );
    };
    setChildren(
      box,
      buildPagedList(await getPage(path), (cursor) => getPage(path, cursor), buildRows),
    );
  } catch (error) {
    setChildren(box, problemBox(error));
  }
}

/** Build the row that compares two clips, the earlier one first. */
function buildComparisonRow(status, other) {
  const row = buildClipRow(other, new Date(other.created_at).toLocaleDateString(), false);
  const [earlier, later] = [status, other].sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
  row.querySelector("a")?.setAttribute("href", `#/compare/${earlier.id}/${later.id}`);
  return row;
}

/** Build the list of files to open or download. */
export function buildFiles(status) {
  const buildFileRow = (part, text, fileName = "") =>
    el(
      "li",
      {},
      el(
        "a",
        {
          class: "line-link",
          href: buildAnalysisUrl(status.id, part),
          ...(fileName ? { download: fileName } : { target: "_blank", rel: "noopener" }),
        },
        el("span", { text }),
        icon(fileName ? "download" : "report"),
      ),
    );
  const stem = (status.clip?.name ?? "clip").replace(/\.[^.]*$/, "");
  return el(
    "section",
    { class: "card", "aria-labelledby": "files-title" },
    el("h2", { id: "files-title", text: messages.result.downloads }),
    el(
      "ul",
      { class: "plain-list" },
      buildFileRow("report", messages.result.report),
      buildFileRow("client-report", messages.result.clientReport),
      buildFileRow("video", messages.result.video, `${stem}.mp4`),
      buildFileRow("angles.csv", messages.result.angles, `${stem}.csv`),
      buildFileRow("result", messages.result.data, `${stem}.json`),
    ),
  );
}

/** Build the facts about the clip: when it was sent, its length, load, view and notes. */
export function buildClipFacts(status, result) {
  const { clip, view, quality } = result;
  const facts = [
    [messages.result.sent, `${formatDate(status.created_at)}, ${formatTime(status.created_at)}`],
    [messages.result.clip, `${clip.name}, ${messages.result.length(formatSeconds(clip.duration_s))}`],
    (status.load_kg ?? null) !== null && [messages.newClip.load, formatLoad(status.load_kg)],
    status.note && [messages.common.note, status.note],
  ].filter(Boolean);
  const grade = getVocabulary().grades[view.grade];
  const notes = [grade && `${grade.title}. ${grade.sentence}`, ...view.reasons, ...quality.warnings].filter(Boolean);
  return el(
    "details",
    { class: "card details" },
    el("summary", {}, el("span", { text: messages.result.about })),
    el(
      "dl",
      { class: "facts" },
      facts.flatMap(([title, text]) => [el("dt", { text: title }), el("dd", { text })]),
    ),
    el(
      "ul",
      { class: "notes" },
      notes.map((text) => el("li", { text })),
    ),
  );
}
