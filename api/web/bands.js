/** Reps, holds and stages of a result as stretches of time with names. */

import { plainName } from "./text.js";
import { words } from "./words.js";

/** What the turn of a rep of this movement is called. */
export const turnName = (movement) => words.turns[movement] ?? words.turns.other;

/** What a stage is called, with its leg. */
export function stageTitle(stage) {
  const name = words.postures[stage.name] ?? plainName(stage.name);
  return stage.side ? `${name} (${words.sides[stage.side] ?? stage.side})` : name;
}

/** [{kind, index, title, short, start_s, end_s, at_s, mark}] in order of time; `mark` names it in the marks file. */
export function bandsOf({ reps = [], holds = [], stages = [] }) {
  const r = reps.map((rep) => ({
    kind: "rep",
    index: rep.index,
    title: words.result.rep(rep.index),
    short: String(rep.index),
    start_s: rep.start_s,
    end_s: rep.end_s,
    at_s: rep.bottom_s,
    mark: { rep: rep.index },
    of: rep,
  }));
  const h = holds.map((hold) => ({
    kind: "hold",
    index: hold.index,
    title: words.result.hold(hold.index),
    short: String(hold.index),
    start_s: hold.start_s,
    end_s: hold.end_s,
    at_s: hold.start_s,
    mark: { hold: hold.index },
    of: hold,
  }));
  const s = stages.map((stage, i) => ({
    kind: "stage",
    index: i + 1,
    title: stageTitle(stage),
    short: String(i + 1),
    start_s: stage.start_s,
    end_s: stage.end_s,
    at_s: (stage.start_s + stage.end_s) / 2,
    mark: { stage: stage.name, ...(stage.side ? { side: stage.side } : {}) },
    of: stage,
  }));
  return [...r, ...h, ...s].sort((a, b) => a.start_s - b.start_s);
}

/** The one a time lies in, or null. */
export const bandAt = (bands, time) => bands.find((band) => time >= band.start_s && time <= band.end_s) ?? null;
