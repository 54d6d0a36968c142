/** Details of an analysis changed after it was sent, and waiting until the result follows them. */

import { call } from "./api.js";
import { watch } from "./live.js";

/** Change details; gives the analysis as it is then. Throws Told. */
export const changeDetails = (id, fields) => call("PATCH", `analyses/${encodeURIComponent(id)}`, { body: fields });

/** Wait until every change is in the result: {settled, stop}; `settled` gives the analysis, never after `stop`. */
export function whenMeasured(id) {
  let stop = () => {};
  const settled = new Promise((resolve) => {
    stop = watch(id, (status) => !status.remeasuring && resolve(status), { until: (status) => !status.remeasuring });
  });
  return { settled, stop: () => stop() };
}

/** The fields of `wanted` that differ from what there is; null and what is left out are the same. */
export const changedFields = (now, wanted) =>
  Object.fromEntries(Object.entries(wanted).filter(([name, value]) => (now[name] ?? null) !== value));
