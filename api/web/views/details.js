/** Reps, holds and stages as a list, files to take away, and the facts of the clip. */

import { partOf } from "../api.js";
import { turnName } from "../bands.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { dateText, secondsText, timeText } from "../text.js";
import { words } from "../words.js";
import { taking } from "./takein.js";

/** `correct` has what the coach can change of a row, `row(band)`, and of all, `foot()`; null where nothing. */
export function eventsPart(result, look, correct) {
  const { bands } = look;
  if (!bands.length && !correct) return null;
  const kinds = { rep: words.result.reps, hold: words.result.holds, stage: words.result.stages };
  return el(
    "section",
    { class: "card", "aria-labelledby": "events-title" },
    el("h2", { id: "events-title", tabindex: "-1", text: kinds[bands[0]?.kind ?? "stage"] }),
    taking(look, "events"),
    el(
      "ul",
      { class: "plain-list" },
      bands.map((band) =>
        el(
          "li",
          { class: "event" },
          el(
            "button",
            { type: "button", class: "line-link", disabled: !look.player, on: { click: () => look.show(band.at_s) } },
            el("span", { text: band.title }),
            el("span", { class: "quiet", text: factsOf(band, result) }),
          ),
          look.player &&
            el(
              "button",
              {
                type: "button",
                class: "plain round",
                "aria-label": words.result.watch(band.title),
                on: {
                  click: () => {
                    look.show(band.start_s);
                    look.player.player.playPart(band.start_s, band.end_s);
                  },
                },
              },
              icon("play"),
            ),
          correct?.row(band),
        ),
      ),
    ),
    correct?.foot(),
  );
}

function factsOf(band, result) {
  const { of } = band;
  const at = `${secondsText(band.at_s)} s`;
  if (band.kind === "rep") {
    const times = [of.descent_s, of.pause_s, of.ascent_s].filter(Number.isFinite).map((time) => secondsText(time));
    const turn = turnName(result.movement.name);
    const ways = words.tempo[turn] ?? words.tempo.other;
    return [
      `${turn} ${at}`,
      times.length === 3 ? words.tempo.line(...times, ways) : null,
      of.complete === false ? words.result.part : null,
    ]
      .filter(Boolean)
      .join(" · ");
  }
  const lasts = words.result.lasts(secondsText(of.start_s), secondsText(of.end_s - of.start_s));
  return of.mine ? `${lasts} · ${words.correct.mine}` : lasts;
}

export function filesPart(status) {
  const file = (part, text, name) =>
    el(
      "li",
      {},
      el(
        "a",
        {
          class: "line-link",
          href: partOf(status.id, part),
          ...(name ? { download: name } : { target: "_blank", rel: "noopener" }),
        },
        el("span", { text }),
        icon(name ? "download" : "report"),
      ),
    );
  const stem = (status.clip?.name ?? "clip").replace(/\.[^.]*$/, "");
  return el(
    "section",
    { class: "card", "aria-labelledby": "files-title" },
    el("h2", { id: "files-title", text: words.result.downloads }),
    el(
      "ul",
      { class: "plain-list" },
      file("report", words.result.report),
      file("client-report", words.result.clientReport),
      file("video", words.result.video, `${stem}.mp4`),
      file("angles.csv", words.result.angles, `${stem}.csv`),
      file("result", words.result.data, `${stem}.json`),
    ),
  );
}

export function aboutPart(status, result) {
  const { clip, view, quality } = result;
  const rows = [
    [words.result.filmed, `${dateText(status.created_at)}, ${timeText(status.created_at)}`],
    [words.result.facts, `${clip.name}, ${words.result.length(secondsText(clip.duration_s))}`],
    status.load_kg !== null && status.load_kg !== undefined && [words.home.load, words.result.load(status.load_kg)],
    status.note && [words.result.note, status.note],
  ].filter(Boolean);
  const notes = [words.result.seen[view.grade], ...view.reasons, ...quality.warnings].filter(Boolean);
  return el(
    "details",
    { class: "card details" },
    el("summary", {}, el("span", { text: words.result.about })),
    el(
      "dl",
      { class: "facts" },
      rows.flatMap(([name, text]) => [el("dt", { text: name }), el("dd", { text })]),
    ),
    el(
      "ul",
      { class: "notes" },
      notes.map((text) => el("li", { text })),
    ),
  );
}
