/** What the card of a session says, chosen from the results of its clips: few things, what they can do first. */

/**
 * A step of a session with what its clip shows.
 * @typedef {object} Seen
 * @property {string} name of the step
 * @property {string|null} movement
 * @property {import("./sessions.js").Step} step
 * @property {object|null} status of the analysis
 * @property {object|null} result of the analysis, once it is done
 */

const CAN = 3; // of what they can do, at most; chosen
const BEST = ["again", "try_2", "try_1", "first"]; // of a lift: which clip speaks for the session; chosen

const findings = ({ result }, kind) => result?.findings.filter((one) => one.kind === kind) ?? [];

/** The steps that can speak for the session, the best known first: the same again, the tries, the first clip. */
function spokesmen(kind, seen) {
  const ready = seen.filter((one) => one.result);
  if (kind === "look") return ready;
  return BEST.flatMap((name) => ready.filter((one) => one.name === name));
}

/** What they can do, [{name of the step, text}]: of a lift from one clip, of a look the first thing of each clip. */
export function canOf(kind, seen) {
  const first = (one, most) =>
    findings(one, "can")
      .slice(0, most)
      .map(({ text }) => ({ name: one.name, text }));
  if (kind === "look") return seen.flatMap((one) => first(one, 1));
  const best = spokesmen(kind, seen).find((one) => findings(one, "can").length);
  return best ? first(best, CAN) : [];
}

/** One thing to try next: to speak to a clinician where any clip says so, else one with a cue where there is one. */
export function tryOf(kind, seen) {
  const all = spokesmen(kind, seen).flatMap((one) => findings(one, "next").slice(0, 1));
  const referral = all.find(({ id }) => id.startsWith("clinician."));
  return referral ?? (kind === "look" ? all.find((one) => one.cue) : null) ?? all[0] ?? null;
}

/** The first clip and the one that is put beside it: the same again, else the latest try. Null without both. */
export function pairOf(kind, seen) {
  if (kind === "look") return null;
  const [last] = spokesmen(kind, seen).filter((one) => one.name !== "first");
  const first = seen.find((one) => one.name === "first" && one.result);
  return first && last ? [first, last] : null;
}

/** Which try felt better, if that was told: {better, level, other, otherLevel}; null where none stands out. */
export function feltBetter(seen) {
  const told = seen.flatMap((one) => {
    const levels = (one.result?.measures.reported ?? []).map(({ level }) => level).filter(Number.isFinite);
    return levels.length && one.name !== "again" ? [{ name: one.name, level: Math.max(...levels) }] : [];
  });
  const [best, second] = [...told].sort((a, b) => a.level - b.level);
  if (!second || best.level === second.level || best.name === "first") return null;
  const other = told.find(({ name }) => name === "first") ?? second;
  return { better: best.name, level: best.level, other: other.name, otherLevel: other.level };
}
