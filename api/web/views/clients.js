/** Clients, and the page of one client: what they can train, their clips and how they changed over time. */

import { API_BASE, ApiError, get, getPage, post, remove, request } from "../core/api_client.js";
import { confirmAction, openSheet } from "../core/dialogs.js";
import { el, field, focusFirst, setChildren, showToast } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { loadMovements } from "../core/movement_list.js";
import { isShown, navigate, renderRoute } from "../core/router.js";
import { loadVocabulary } from "../core/vocabulary.js";
import { findOpen, loadSessions } from "../sessions/session_store.js";
import { messages } from "../text/messages.js";
import { buildClipRow, buildDays, buildPagedList, watchClipRows } from "./clip_list.js";
import { button, heading, iconButton, runAction } from "./page_parts.js";
import { buildTrainingMenu } from "./training_menu.js";
import { buildTrendLines } from "./trend_lines.js";

/** Render the list of clients. */
export async function renderClientsView(root) {
  const path = "clients?limit=100";
  const firstPage = await getPage(path);
  const add = iconButton(
    "add",
    messages.clients.add,
    async () => {
      const created = await openClientSheet(messages.clients.add, {}, (fields) => post("clients", fields));
      if (created) navigate(`clients/${created.id}`);
    },
    "primary",
  );
  const buildRows = (clients) =>
    clients.length
      ? el("ul", { class: "plain-list card" }, clients.map(buildClientRow))
      : el("p", { class: "empty", text: messages.clients.none });
  const list = buildPagedList(firstPage, (cursor) => getPage(path, cursor), buildRows);
  setChildren(root, heading(messages.clients.title), list, el("div", { class: "actions" }, add));
}

function buildClientRow(client) {
  return el(
    "li",
    {},
    el(
      "a",
      { class: "line-link", href: `#/clients/${client.id}` },
      el("span", { text: client.name }),
      client.note && el("span", { class: "quiet ellipsis", text: client.note }),
    ),
  );
}

/** Render the view of one client. */
export async function renderClientView(root, { id }) {
  const path = `clients/${encodeURIComponent(id)}`;
  const [timeline, sessions] = await Promise.all([
    get(`${path}/timeline`),
    loadSessions(id),
    loadMovements(),
    loadVocabulary(),
  ]);
  if (!isShown(root)) return;
  const { client } = timeline;
  const statuses = timeline.days.flatMap((day) => day.analyses);
  const doneStatuses = statuses.filter(({ status }) => status === "done");
  document.title = `${client.name} · ${messages.app}`;
  const list = el("div", {});
  const actions = el("div", { class: "actions" });
  const editButton = button(messages.clients.rename, async () => {
    const save = (fields) => request("PATCH", path, { body: fields });
    if (await openClientSheet(messages.clients.rename, client, save)) renderRoute();
  });
  const deleteButton = button(
    messages.clients.remove,
    async () => {
      const { removeTitle, removeText, remove: action } = messages.clients;
      if (!(await confirmAction(removeTitle(client.name), removeText, action))) return;
      await runAction(deleteButton, async () => {
        await remove(path);
        showToast(messages.common.deleted);
        navigate("clients", { replace: true });
      });
    },
    "careful-text",
  );

  const showClips = () => {
    setChildren(list, buildDays(statuses, { buildRow: buildOwnRow, emptyText: messages.clients.empty }));
    setChildren(
      actions,
      doneStatuses.length > 1 && iconButton("compare", messages.clients.pick, showPicker),
      el(
        "a",
        { class: "button primary", href: `#/for/${id}` },
        icon("add"),
        el("span", { text: messages.clients.newClip }),
      ),
    );
  };
  const showPicker = () => {
    const picker = createClipPicker(doneStatuses);
    setChildren(list, picker.rows);
    setChildren(actions, picker.hint, button(messages.common.cancel, showClips), picker.compareButton);
    focusFirst(list, "input");
  };

  setChildren(
    root,
    heading(client.name),
    client.note && el("p", { class: "quiet", text: client.note }),
    el(
      "a",
      { class: "button wide", href: `#/session/${id}` },
      icon("steps"),
      el("span", { text: findOpen(sessions) ? messages.session.open : messages.session.title }),
    ),
    buildTrainingMenu(timeline),
    list,
    buildTrendLines(timeline.lines ?? []),
    el(
      "div",
      { class: "stack" },
      editButton,
      el(
        "a",
        { class: "button", href: `${API_BASE}/${path}/export`, download: `${client.name}.zip` },
        icon("download"),
        el("span", { text: messages.clients.export }),
      ),
      deleteButton,
    ),
    actions,
  );
  showClips();
  return watchClipRows(list, statuses, buildOwnRow);
}

/** Build the row of a clip on the page of its client. */
const buildOwnRow = (status) => buildClipRow(status, null, false);

/** Create the rows of clips with checkboxes, of which two can be chosen, a hint, and the button that compares them. */
function createClipPicker(statuses) {
  const chosen = new Set();
  const hint = el("p", { class: "status", role: "status", text: messages.clients.pickHint });
  const compare = () => {
    const [earlier, later] = statuses
      .filter(({ id }) => chosen.has(id))
      .sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
    navigate(`compare/${earlier.id}/${later.id}`);
  };
  const compareButton = button(messages.clients.compare, compare, "primary", { disabled: true });
  const buildRow = (status) => {
    const row = buildOwnRow(status);
    const onChange = () => {
      if (!checkbox.checked) chosen.delete(status.id);
      else if (chosen.size < 2) chosen.add(status.id);
      else checkbox.checked = false;
      compareButton.disabled = chosen.size !== 2;
      hint.textContent = messages.clients.picked(chosen.size);
    };
    const checkbox = el("input", { type: "checkbox", on: { change: onChange } });
    const content = [...(row.querySelector("a")?.childNodes ?? [])];
    return setChildren(row, el("label", { class: "pick" }, checkbox, content));
  };
  return { rows: buildDays(statuses, { buildRow }), hint, compareButton };
}

/**
 * Open the form for the name and note of a client.
 * @param {string} title
 * @param {{name?: string, note?: string|null}} client
 * @param {(fields: {name: string, note: string|null}) => Promise<any>} save
 * @returns {Promise<any>} what `save` returned; undefined if the form was dismissed
 */
/** Throw an error again; if the name of the client is taken, with a text without the id that the service gives. */
function explainTakenName(error) {
  throw error.code === "urn:problem:client-exists" ? new ApiError(409, messages.clients.nameTaken, error.code) : error;
}

function openClientSheet(title, client, save) {
  return openSheet(title, (close) => {
    const name = el("input", {
      type: "text",
      maxlength: "120",
      required: true,
      autocomplete: "off",
      value: client.name ?? "",
    });
    const note = el("textarea", { rows: "3", maxlength: "2000", value: client.note ?? "" });
    const saveButton = el("button", { type: "submit", class: "button primary wide", text: messages.common.save });
    const submit = (event) => {
      event.preventDefault();
      runAction(saveButton, async () => {
        if (!name.value.trim()) throw new ApiError(null, messages.clients.needName);
        close(await save({ name: name.value.trim(), note: note.value.trim() || null }).catch(explainTakenName));
      });
    };
    return el(
      "form",
      { on: { submit } },
      field(messages.clients.name, name),
      field(`${messages.common.note} (${messages.common.optional})`, note),
      el("div", { class: "sheet-actions" }, saveButton),
    );
  });
}
