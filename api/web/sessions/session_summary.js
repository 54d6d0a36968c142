/** What the card of a session shows, chosen from the results of its clips: few things, what they can do first. */

/**
 * A step of a session with the result of its clip.
 * @typedef {object} StepResult
 * @property {string} name of the step
 * @property {string} title of the step
 * @property {string|null} movement
 * @property {import("./session_store.js").Step} step
 * @property {any} status of the analysis; null if there is none
 * @property {any} result of the analysis; null until it is done
 */

const MAX_CAN = 3; // of a practice session; chosen
const PRACTICE_ORDER = ["again", "try_2", "try_1", "first"]; // which clip represents a practice session; chosen

const getFindings = ({ result }, kind) => result?.findings.filter((finding) => finding.kind === kind) ?? [];

/** Order the steps with a result by how well they represent the session, best first. */
function rankSteps(kind, steps) {
  const ready = steps.filter(({ result }) => result);
  if (kind === "overview") return ready;
  return PRACTICE_ORDER.flatMap((name) => ready.filter((step) => step.name === name));
}

/**
 * Choose what they can do: in a practice session from one clip, in an overview the first finding of each clip.
 * @param {"practice"|"overview"} kind
 * @param {StepResult[]} steps
 * @returns {{title: string, text: string}[]} with the title of the step
 */
export function chooseCanFindings(kind, steps) {
  const getTexts = (step, limit) =>
    getFindings(step, "can")
      .slice(0, limit)
      .map(({ text }) => ({ title: step.title, text }));
  if (kind === "overview") return steps.flatMap((step) => getTexts(step, 1));
  const best = rankSteps(kind, steps).find((step) => getFindings(step, "can").length);
  return best ? getTexts(best, MAX_CAN) : [];
}

/** Choose the one thing to try: a referral to a clinician first, else one with a cue; null if there is none. */
export function chooseNextFinding(kind, steps) {
  const candidates = rankSteps(kind, steps).flatMap((step) => getFindings(step, "next").slice(0, 1));
  const referral = candidates.find(({ id }) => id.startsWith("clinician."));
  const withCue = kind === "overview" ? candidates.find(({ cue }) => cue) : null;
  return referral ?? withCue ?? candidates[0] ?? null;
}

/** Choose the clips to compare: the first one, and the same again or else the latest try; null without both. */
export function chooseComparison(kind, steps) {
  if (kind === "overview") return null;
  const [last] = rankSteps(kind, steps).filter(({ name }) => name !== "first");
  const first = steps.find(({ name, result }) => name === "first" && result);
  return first && last ? [first, last] : null;
}

/**
 * Find the try that felt better by the symptom reports: {better, level, other, otherLevel}, with titles of the steps;
 * null if none stands out.
 */
export function findBetterTry(steps) {
  const tries = steps.flatMap(({ name, title, result }) => {
    const levels = (result?.measures.reported ?? []).map(({ level }) => level).filter(Number.isFinite);
    return levels.length && name !== "again" ? [{ name, title, level: Math.max(...levels) }] : [];
  });
  const [best, second] = [...tries].sort((a, b) => a.level - b.level);
  if (!second || best.level === second.level || best.name === "first") return null;
  const other = tries.find(({ name }) => name === "first") ?? second;
  return { better: best.title, level: best.level, other: other.title, otherLevel: other.level };
}
