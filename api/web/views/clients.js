/** Clients, and one client over time. */

import { BASE, call, get, pageOf, post, remove, Told } from "../api.js";
import { confirmed, sheet } from "../dialogs.js";
import { el, field, put, toast } from "../dom.js";
import { movements, ownerKey } from "../facts.js";
import { icon } from "../icons.js";
import { go, show, stillShown } from "../router.js";
import { forgetSessions, goingOn } from "../sessions.js";
import { words } from "../words.js";
import { byDay } from "./clips.js";
import { clipRow, doing, growingList, heading } from "./common.js";
import { linesPart } from "./lines.js";
import { trainingPart } from "./training.js";

export async function clientsView(root) {
  const path = "clients?limit=100";
  const first = await pageOf(path);
  const add = el(
    "button",
    {
      type: "button",
      class: "button primary",
      on: {
        click: async () => {
          const made = await clientSheet(words.clients.add, {}, (given) => post("clients", given));
          if (made) go(`clients/${made.id}`);
        },
      },
    },
    icon("add"),
    el("span", { text: words.clients.add }),
  );
  const draw = (rows) =>
    rows.length
      ? el(
          "ul",
          { class: "plain-list card" },
          rows.map((one) =>
            el(
              "li",
              {},
              el(
                "a",
                { class: "line-link", href: `#/clients/${one.id}` },
                el("span", { text: one.name }),
                one.note && el("span", { class: "quiet ellipsis", text: one.note }),
              ),
            ),
          ),
        )
      : el("p", { class: "empty", text: words.clients.none });
  const list = growingList(first, (cursor) => pageOf(path, cursor), draw);
  put(root, heading(words.clients.title), list, el("div", { class: "actions" }, add));
}

export async function clientView(root, { id }) {
  const path = `clients/${encodeURIComponent(id)}`;
  const [timeline] = await Promise.all([get(`${path}/timeline`), movements()]);
  if (!stillShown(root)) return;
  const { client } = timeline;
  const all = timeline.days.flatMap((day) => day.analyses);
  document.title = `${client.name} · ${words.app}`;
  const list = el("div", {});
  const edit = el("button", {
    type: "button",
    class: "button",
    text: words.clients.rename,
    on: {
      click: async () => {
        if (await clientSheet(words.clients.rename, client, (given) => call("PATCH", path, { body: given }))) show();
      },
    },
  });
  const gone = el("button", {
    type: "button",
    class: "button careful-text",
    text: words.clients.remove,
    on: {
      click: async () => {
        if (!(await confirmed(words.clients.removeTitle(client.name), words.clients.removeText, words.clients.remove)))
          return;
        await doing(gone, async () => {
          await remove(path);
          forgetSessions((one) => one.client === id);
          toast(words.clients.removed);
          go("clients", { replace: true });
        });
      },
    },
  });
  const actions = el("div", { class: "actions" });
  const plainActions = () =>
    put(
      actions,
      all.filter((one) => one.status === "done").length > 1 &&
        el(
          "button",
          { type: "button", class: "button", on: { click: picking } },
          icon("compare"),
          el("span", { text: words.clients.pick }),
        ),
      el("a", { class: "button primary", href: `#/for/${id}` }, icon("add"), el("span", { text: words.clients.film })),
    );
  const plainList = () => put(list, byDay(all, { none: words.clients.empty }));

  function picking() {
    const chosen = new Set();
    const told = el("p", { class: "status", role: "status", text: words.clients.pickHint });
    const compare = el("button", {
      type: "button",
      class: "button primary",
      text: words.clients.compare,
      disabled: true,
      on: {
        click: () => {
          const [a, b] = all
            .filter((one) => chosen.has(one.id))
            .sort((x, y) => Date.parse(x.created_at) - Date.parse(y.created_at));
          go(`compare/${a.id}/${b.id}`);
        },
      },
    });
    const stop = el("button", {
      type: "button",
      class: "button",
      text: words.common.cancel,
      on: {
        click: () => {
          plainList();
          plainActions();
        },
      },
    });
    put(
      list,
      byDay(
        all.filter((one) => one.status === "done"),
        { draw: pickRow },
      ),
    );
    function pickRow(status) {
      const row = clipRow(status);
      const tick = el("input", {
        type: "checkbox",
        on: {
          change: () => {
            if (tick.checked) chosen.add(status.id);
            else chosen.delete(status.id);
            if (chosen.size > 2) {
              chosen.delete(status.id);
              tick.checked = false;
            }
            compare.disabled = chosen.size !== 2;
            told.textContent = words.clients.picked(chosen.size);
          },
        },
      });
      put(row, el("label", { class: "pick" }, tick, [...(row.querySelector("a")?.childNodes ?? [])]));
      return row;
    }
    put(actions, told, stop, compare);
    list.querySelector("input")?.focus();
  }

  put(
    root,
    heading(client.name),
    client.note && el("p", { class: "quiet", text: client.note }),
    el(
      "a",
      { class: "button wide", href: `#/session/${id}` },
      icon("steps"),
      el("span", { text: goingOn(ownerKey(), id) ? words.session.goOn : words.session.title }),
    ),
    trainingPart(timeline),
    list,
    linesPart(timeline.lines ?? []),
    el(
      "div",
      { class: "stack" },
      edit,
      el(
        "a",
        { class: "button", href: `${BASE}/${path}/export`, download: `${client.name}.zip` },
        icon("download"),
        el("span", { text: words.clients.export }),
      ),
      gone,
    ),
    actions,
  );
  plainList();
  plainActions();
}

/** Name and note of a client; gives what `save` gave, or undefined. */
function clientSheet(title, client, save) {
  return sheet(title, (close) => {
    const name = el("input", {
      type: "text",
      maxlength: "120",
      required: true,
      autocomplete: "off",
      value: client.name ?? "",
    });
    const note = el("textarea", { rows: "3", maxlength: "2000", value: client.note ?? "" });
    const keep = el("button", { type: "submit", class: "button primary wide", text: words.common.save });
    return el(
      "form",
      {
        on: {
          submit: (event) => {
            event.preventDefault();
            doing(keep, async () => {
              if (!name.value.trim()) throw new Told(null, words.clients.needName);
              close(await save({ name: name.value.trim(), note: note.value.trim() || null }));
            });
          },
        },
      },
      field(words.clients.name, name),
      field(`${words.clients.note} (${words.common.optional})`, note),
      el("div", { class: "sheet-actions" }, keep),
    );
  });
}
