/** What the client felt: marked on the video at this moment and part of the body, listed, taken away. */

import { bandAt } from "../bands.js";
import { sheet } from "../dialogs.js";
import { announce, choices, el, focusIn, field, toast } from "../dom.js";
import { icon } from "../icons.js";
import { PLACES, WORDS, feltIn, partAt, reportOf, timeOf, withReport, withoutReport } from "../marks.js";
import { plainName, secondsText } from "../text.js";
import { words } from "../words.js";
import { doing } from "./common.js";
import { takeIn, taking } from "./takein.js";

/** The card with everything marked; also wires the button that marks and the dots on the video. */
export function feltPart(look) {
  const reports = look.marks()?.reports ?? [];
  if (look.player && !look.wired) wire(look);
  if (look.player)
    look.player.scene.felt = () =>
      feltIn(look.overlay, look.player.player.index, look.marks()?.reports ?? [], look.bands);
  const list = reports.length
    ? el(
        "ul",
        { class: "plain-list" },
        reports.map((report) => reportRow(look, report)),
      )
    : el("p", { class: "quiet", text: look.marks() ? words.marks.none : words.marks.unknown });
  return el(
    "section",
    { class: "card", "aria-labelledby": "felt-title" },
    el("h2", { id: "felt-title", text: words.marks.title }),
    taking(look, "felt"),
    list,
  );
}

function reportRow(look, report) {
  const time = timeOf(report, look.bands);
  const line = words.marks.line(
    report.level,
    words.marks.places[report.where] ?? report.where,
    words.marks.words[report.word] ?? report.word,
  );
  const gone = el(
    "button",
    {
      type: "button",
      class: "plain round",
      "aria-label": `${words.marks.remove}: ${line}`,
      on: {
        click: () =>
          doing(gone, async () => {
            await look.keep((marks) => withoutReport(marks, report));
            toast(words.marks.removed);
            takeIn(look);
          }),
      },
    },
    icon("bin"),
  );
  const where = momentText(look, report, time);
  return el(
    "li",
    { class: "event" },
    el(
      "button",
      {
        type: "button",
        class: "line-link",
        disabled: time === null || !look.player,
        on: { click: () => look.show(time) },
      },
      el("span", { text: line }),
      el("span", { class: "quiet", text: where }),
    ),
    gone,
  );
}

function momentText(look, report, time) {
  if (report.rep) return words.result.rep(report.rep);
  if (report.hold) return words.result.hold(report.hold);
  if (report.stage) return words.postures[report.stage] ?? plainName(report.stage);
  return words.marks.at(secondsText(time), bandAt(look.bands, time)?.title);
}

function wire(look) {
  look.wired = true;
  const { scene, player, picture } = look.player;
  if (!look.markButton) return scene.canvas.addEventListener("click", () => player.toggle());
  const hint = el(
    "div",
    { class: "tap-hint", hidden: true },
    el("span", { text: words.marks.tap }),
    el("button", {
      type: "button",
      class: "button small",
      text: words.marks.list,
      on: {
        click: (event) => {
          event.stopPropagation();
          end();
          ask(look, null);
        },
      },
    }),
    el("button", {
      type: "button",
      class: "button small",
      text: words.common.cancel,
      on: {
        click: (event) => {
          event.stopPropagation();
          end();
          look.markButton.focus();
        },
      },
    }),
  );
  picture.after(hint);
  let marking = false;
  const end = () => {
    marking = false;
    hint.hidden = true;
    picture.classList.remove("marking");
  };
  look.markButton.addEventListener("click", () => {
    player.pause();
    marking = true;
    hint.hidden = false;
    picture.classList.add("marking");
    picture.scrollIntoView({ block: "nearest" });
    announce(words.marks.tap);
    focusIn(hint, "button", { preventScroll: true });
  });
  scene.canvas.addEventListener("click", (event) => {
    if (!marking) return player.toggle();
    end();
    const box = scene.canvas.getBoundingClientRect();
    /** @type {import("../overlay.js").Point} */
    const at = [
      ((event.clientX - box.left) / box.width) * look.overlay.width_px,
      ((event.clientY - box.top) / box.height) * look.overlay.height_px,
    ];
    return ask(look, partAt(look.overlay, player.index, at));
  });
  return undefined;
}

/** Ask how it felt, and keep it. */
async function ask(look, where) {
  const { player } = look.player;
  const time = look.overlay.times_s[player.index];
  const band = bandAt(look.bands, time);
  const saved = await sheet(words.marks.title, (close) => {
    const level = choices(
      words.marks.level,
      "level",
      Array.from({ length: 11 }, (_, n) => [n, String(n)]),
      null,
      "levels",
    );
    const place = choices(
      words.marks.where,
      "where",
      [...PLACES, "none"].map((one) => [one, plainName(words.marks.places[one])]),
      where,
    );
    const what = choices(
      words.marks.what,
      "word",
      WORDS.map((one) => [one, plainName(words.marks.words[one])]),
    );
    const own = el("input", { type: "text", maxlength: "200", autocomplete: "off" });
    const familiar = choices(words.marks.familiar, "familiar", [
      ["true", words.marks.familiarYes],
      ["false", words.marks.familiarNo],
    ]);
    const release = choices(
      words.marks.release,
      "release",
      Object.entries(words.marks.releases).map(([value, text]) => [value, plainName(text)]),
    );
    const told = el("p", { class: "problem", role: "alert", hidden: true });
    const save = el("button", {
      type: "button",
      class: "button primary wide",
      text: words.common.save,
      on: {
        click: () => {
          const chosen = level.chosen();
          told.hidden = chosen !== null;
          if (chosen === null) {
            told.textContent = words.marks.needLevel;
            return focusIn(level, "input");
          }
          const report = reportOf({
            place: { at_s: Math.round(time * 1000) / 1000 },
            level: Number(chosen),
            where: place.chosen(),
            word: own.value.trim() || what.chosen(),
            familiar: familiar.chosen() === null ? null : familiar.chosen() === "true",
            on_release: release.chosen(),
          });
          return doing(save, async () => {
            await look.keep((marks) => withReport(marks, report));
            close(true);
          });
        },
      },
    });
    return [
      el("p", { class: "quiet", text: words.marks.at(secondsText(time, 2), band?.title) }),
      level,
      el("p", { class: "quiet", text: words.marks.levelHint }),
      place,
      what,
      field(words.marks.own, own),
      familiar,
      release,
      told,
      el("div", { class: "sheet-actions" }, save),
    ];
  });
  look.markButton.focus({ preventScroll: true });
  if (!saved) return;
  toast(words.marks.saved);
  takeIn(look);
}
