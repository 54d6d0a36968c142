/** Stages as the coach sees them: what one correction makes of the others, in the marks file's own `stages`. */

const OF_A_LEG = ["knee_straight", "toes_up", "toes_release", "knee_release"]; // it is said of which
const TOUCH_S = 0.05; // a stage that begins this soon after another follows it; chosen

/**
 * The stages of a result with the corrections that are stored, in order of time: [{name, side, start_s, end_s, mine}].
 * `mine` are those the coach set; the others give way to them, as they do once it is measured again.
 */
export function seen(stages, corrections) {
  const found = stages.map((one) => ({ ...bare(one), mine: false }));
  const mine = [...corrections].sort(byStart).map((one) => {
    const same = found.filter((other) => means(one, other));
    const exact = same.find((other) => other.start_s === thousandth(one.start_s));
    const there = exact ?? (same.length === 1 ? same[0] : mostShared(one, same));
    if (there) found.splice(found.indexOf(there), 1);
    return { ...bare(one), side: one.side ?? there?.side ?? null, mine: true };
  });
  const left = found.map((one) => leftOf(one, mine));
  return [...mine, ...left.filter(Boolean)].sort(byStart);
}

/**
 * The list of `seen` with one stage changed (`old` to `wanted`), added (`old` null) or removed (`wanted` null). What
 * a change takes from a stage goes to the one beside it, and what it needs is taken from there. All that is touched is
 * the coach's from then on.
 */
export function corrected(list, old, wanted) {
  const next = wanted && bare(wanted);
  const others = list
    .filter((one) => one !== old)
    .map((one) => {
      const rest = next ? besides(one, next) : one;
      if (!rest) return null;
      // A second one of a name would else take the place of the first.
      return (next && means(next, one)) || rest !== one ? { ...rest, mine: true } : rest;
    })
    .filter(Boolean);
  for (const [from, to] of old ? freed(old, next) : []) {
    const at = others.indexOf(heir(others, from, to, !next));
    if (at < 0) continue;
    const one = others[at];
    const grown = one.start_s < from ? { ...one, end_s: to } : { ...one, start_s: from };
    others[at] = { ...grown, mine: true };
  }
  const all = next ? [...others, { ...next, mine: true }] : others;
  // Of one that was found and has another name now, what nobody took over stays as it was found.
  const found = old && next && !old.mine && !means(next, old);
  const left = found && all.filter(({ mine }) => mine).reduce((rest, one) => rest && besides(rest, one), old);
  return (left ? [...all, { ...left, mine: true }] : all).sort(byStart);
}

/** The one that shares the most time with another; null when none does. */
function mostShared(one, others) {
  const shared = (other) => Math.min(one.end_s, other.end_s) - Math.max(one.start_s, other.start_s);
  return others.filter((other) => shared(other) > 0).sort((a, b) => shared(b) - shared(a))[0] ?? null;
}

/** Who takes over the time of a stage that is removed; null where nobody can. */
export const heirOf = (list, old) =>
  heir(
    list.filter((one) => one !== old),
    old.start_s,
    old.end_s,
    true,
  );

/** What is in the way of a correction: "name", "order", "leg" or "alone"; null when it can be made. */
export function hindrance(list, old, wanted) {
  const next = wanted && bare(wanted);
  if (!next) return old.mine || heirOf(list, old) ? null : "alone";
  if (!next.name) return "name";
  if (!(next.end_s > next.start_s)) return "order";
  if (OF_A_LEG.includes(next.name) && !next.side) return "leg";
  return null;
}

/** A report that a change would leave without the one stage it names; null when there is none. */
export const unclear = (reports, before, after) =>
  reports.find((one) => one.stage && names(one, before) === 1 && names(one, after) !== 1) ?? null;

/** What of a list is stored. */
export const stored = (list) =>
  list
    .filter(({ mine }) => mine)
    .map(({ name, side, start_s, end_s }) => ({ name, start_s, end_s, ...(side ? { side } : {}) }));

/** The one of a list that says the same, also after others were changed elsewhere. */
export const again = (list, one) =>
  list.find((other) => ["name", "side", "start_s", "end_s"].every((field) => other[field] === one[field])) ?? null;

/** A stage that would begin at a time and last as long as the one there now, or until the next. */
export function begunAt(list, time, end) {
  const there = list.find((one) => one.start_s <= time && time < one.end_s);
  const next = list.find((one) => one.start_s > time);
  return { name: "", side: null, start_s: time, end_s: there?.end_s ?? next?.start_s ?? end };
}

/** A stage without what was measured of it; its times as they are stored, so that equal ones are. */
const bare = ({ name, side, start_s, end_s }) => ({
  name,
  side: side ?? null,
  start_s: thousandth(start_s),
  end_s: thousandth(end_s),
});
const thousandth = (seconds) => Math.round(seconds * 1000) / 1000;

const byStart = (a, b) => a.start_s - b.start_s;

/** Whether a mark of this name and side is about that stage; one without side is about either. */
const means = (mark, stage) => mark.name === stage.name && (!mark.side || mark.side === stage.side);

/** Of how many legs there is a stage that a report names; those of one leg count once. */
const names = ({ stage, side }, list) =>
  new Set(list.filter((one) => means({ name: stage, side }, one)).map((one) => one.side)).size;

/** What is left of a stage beside others, in order of time: its longest part; null when nothing is. */
function leftOf(one, others) {
  const starts = others.map((other) => other.start_s);
  const parts = [...starts, one.end_s].map((end, at) => ({
    start_s: Math.max(one.start_s, ...others.slice(0, at).map((other) => other.end_s)),
    end_s: Math.min(end, one.end_s),
  }));
  const long = ({ start_s, end_s }) => end_s - start_s;
  const longest = parts.reduce((best, part) => (long(part) > long(best) ? part : best));
  return long(longest) > 0 ? { ...one, ...longest } : null;
}

/** What is left of a stage beside another: the longer end of it, null when nothing is. */
function besides(one, other) {
  if (other.end_s <= one.start_s || other.start_s >= one.end_s) return one;
  const [before, after] = [other.start_s - one.start_s, one.end_s - other.end_s];
  if (before <= 0 && after <= 0) return null;
  return before >= after ? { ...one, end_s: other.start_s } : { ...one, start_s: other.end_s };
}

/** The stretches of time that a change takes off a stage. */
function freed(old, next) {
  if (!next || next.end_s <= old.start_s || next.start_s >= old.end_s) return [[old.start_s, old.end_s]];
  return [
    [old.start_s, next.start_s],
    [next.end_s, old.end_s],
  ].filter(([from, to]) => to > from);
}

/** Who takes a stretch of time: the stage that ends with it, else the one that begins; `anyway`: across a gap too. */
function heir(others, from, to, anyway) {
  const before = others.findLast((one) => one.end_s <= from + TOUCH_S);
  const after = others.find((one) => one.start_s >= to - TOUCH_S);
  if (before?.end_s >= from - TOUCH_S) return before;
  if (after?.start_s <= to + TOUCH_S) return after;
  return anyway ? (before ?? after ?? null) : null;
}
