/** The page of one clip: the progress of its analysis, then its result. */

import { hasEnded, watchAnalysis } from "../core/analysis_updates.js";
import { ApiError, get, post, remove } from "../core/api_client.js";
import { confirmAction } from "../core/dialogs.js";
import { announce, el, setChildren } from "../core/dom.js";
import { loadMovements } from "../core/movement_list.js";
import { isShown, navigate } from "../core/router.js";
import { loadVocabulary } from "../core/vocabulary.js";
import { formatDuration } from "../text/formatting.js";
import { messages } from "../text/messages.js";
import { getStageShare, getStageText } from "./analysis_progress.js";
import { button, heading, problemBox, runAction, showErrorPage, showWaiting } from "./page_parts.js";
import { renderResult } from "./result/result_page.js";

/** Render the view of one clip. */
export async function renderClipView(root, { id }) {
  showWaiting(root);
  const path = `analyses/${encodeURIComponent(id)}`;
  const [status] = await Promise.all([get(path), loadMovements(), loadVocabulary()]);
  /** @type {(() => void)|null} */
  let leaveResult = null;
  /** @type {(() => void)|null} */
  let stopWatching = null;
  const showResult = async (doneStatus) => {
    const leave = await renderResult(root, doneStatus);
    if (isShown(root)) leaveResult = leave;
    else leave?.();
  };
  if (status.status === "done") await showResult(status);
  else {
    const update = renderProgress(root, status);
    if (!hasEnded(status)) {
      stopWatching = watchAnalysis(id, (current) => {
        update(current);
        if (current.status === "done")
          showResult(current).catch((error) => isShown(root) && showErrorPage(root, error));
      });
    }
  }
  return () => {
    stopWatching?.();
    leaveResult?.();
  };
}

/** Render the progress of an analysis. Returns a function that takes each new status. */
function renderProgress(root, firstStatus) {
  const bar = el("progress", { max: "1", "aria-label": messages.progress.title });
  const stage = el("p", { class: "status" });
  const amount = el("p", { class: "quiet" });
  const cancelButton = button(messages.progress.cancel, () => cancel());
  const path = `analyses/${firstStatus.id}`;

  async function cancel() {
    const { cancelTitle, cancelText, cancelAction } = messages.progress;
    if (!(await confirmAction(cancelTitle, cancelText, cancelAction))) return;
    await runAction(cancelButton, async () => update(await post(`${path}/cancel`)));
  }

  function update(status) {
    if (!isShown(root)) return;
    if (status?.status === "failed" || status?.status === "cancelled") return showEnd(status);
    if (!status?.status) return;
    const { progress } = status;
    const text = status.status === "queued" ? messages.progress.queued : getStageText(progress.stage);
    if (stage.textContent !== text) {
      stage.textContent = text;
      announce(text);
    }
    const share = getStageShare(status);
    if (share !== null) bar.value = share;
    else bar.removeAttribute("value");
    amount.textContent = [
      share === null ? null : messages.common.amount(progress.done, progress.total),
      progress.eta_s ? messages.common.timeLeft(formatDuration(progress.eta_s)) : null,
    ]
      .filter(Boolean)
      .join(" · ");
    if (status.status === "done") announce(messages.progress.ready);
  }

  function showEnd(status) {
    const deleteButton = button(messages.common.delete, () =>
      runAction(deleteButton, async () => {
        await remove(path);
        navigate("clips", { replace: true });
      }),
    );
    setChildren(
      root,
      heading(status.status === "failed" ? messages.progress.failed : messages.progress.cancelled),
      el("p", { class: "file-name", text: status.clip?.name ?? "" }),
      status.error ? problemBox(new ApiError(null, status.error.text)) : null,
      el(
        "div",
        { class: "actions" },
        deleteButton,
        el("a", { class: "button primary", href: "#/", text: messages.progress.filmAgain }),
      ),
    );
  }

  setChildren(
    root,
    heading(messages.progress.title),
    el("p", { class: "file-name", text: firstStatus.clip?.name ?? "" }),
    bar,
    stage,
    amount,
    el("p", { class: "quiet", text: messages.progress.leave }),
    el("div", { class: "actions" }, cancelButton),
  );
  update(firstStatus);
  return update;
}
