/** Details of an analysis changed after it was sent, and waiting until the result follows them. */

import { call } from "./api.js";
import { watch } from "./live.js";

/**
 * Change details; gives the analysis as it is then. Throws Told.
 * @param {string} id
 * @param {Record<string, unknown>} fields
 */
export const changeDetails = (id, fields) => call("PATCH", `analyses/${encodeURIComponent(id)}`, { body: fields });

/**
 * Wait until every change is in the result: `settled` gives the analysis then, and nothing after `stop`.
 * @param {string} id
 */
export function whenMeasured(id) {
  /** @type {(status: any) => void} */
  let settle = () => {};
  const settled = new Promise((resolve) => {
    settle = resolve;
  });
  const isSettled = (status) => !status.remeasuring;
  const stop = watch(id, (status) => isSettled(status) && settle(status), { until: isSettled });
  return { settled, stop };
}

/**
 * The fields of `wanted` that differ from what there is; null and what is left out are the same.
 * @param {Record<string, unknown>} now
 * @param {Record<string, unknown>} wanted
 */
export const changedFields = (now, wanted) =>
  Object.fromEntries(Object.entries(wanted).filter(([name, value]) => (now[name] ?? null) !== value));
