/** One clip: how far it is while it is worked on, then its result. */

import { get } from "../api.js";
import { movements } from "../facts.js";
import { ended, watch } from "../live.js";
import { stillShown } from "../router.js";
import { errorView, waiting } from "./common.js";
import { progressView } from "./progress.js";
import { resultView } from "./result.js";

export async function analysisView(root, { id }) {
  waiting(root);
  const [status] = await Promise.all([get(`analyses/${encodeURIComponent(id)}`), movements()]);
  /** @type {(() => void)|null} */
  let leave = null;
  /** @type {(() => void)|null} */
  let stop = null;
  const showResult = async (done) => {
    const close = await resultView(root, done);
    if (stillShown(root)) leave = close;
    else close?.();
  };
  if (status.status === "done") await showResult(status);
  else {
    const progress = progressView(root, status);
    if (!ended(status)) {
      stop = watch(id, (now) => {
        progress(now);
        if (now.status === "done") showResult(now).catch((told) => stillShown(root) && errorView(root, told));
      });
    }
  }
  return () => {
    stop?.();
    leave?.();
  };
}
