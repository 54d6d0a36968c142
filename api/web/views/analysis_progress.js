/** The progress of an analysis in words and as a share. */

import { getVocabulary } from "../core/vocabulary.js";
import { messages } from "../text/messages.js";
import { toReadableName } from "../text/words.js";

/** Get what the service is doing, in words. */
export function getStageText(stage) {
  return stage ? (getVocabulary().progress_stages[stage] ?? toReadableName(stage)) : messages.progress.running;
}

/**
 * Get the share of the present stage that is done, from 0 to 1; null if it is not known, or if the stage is complete
 * and the next one has not reported yet.
 */
export const getStageShare = ({ status, progress }) =>
  status === "running" && progress.done < progress.total ? progress.done / progress.total : null;

/**
 * Describe the progress of an unfinished analysis in one line.
 * @param {any} status
 * @param {number|null} ahead how many clips come before it; null if that is not known
 */
export function describeProgress(status, ahead = null) {
  if (status.status === "queued") return ahead ? messages.progress.ahead(ahead) : messages.progress.queued;
  const share = getStageShare(status);
  const text = getStageText(status.progress.stage);
  return share === null ? text : messages.progress.percent(text, Math.round(100 * share));
}
