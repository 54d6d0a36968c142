/** How far the analysis of a clip is: stage, frames, time left; or why it could not be read. */

import { post, remove, Told } from "../api.js";
import { announce, el, put } from "../dom.js";
import { confirmed } from "../dialogs.js";
import { go } from "../router.js";
import { plainName, spanText } from "../text.js";
import { words } from "../words.js";
import { doing, heading, problemBox } from "./common.js";

/** Draw it; gives a function that takes each new status. */
export function progressView(root, first) {
  const bar = el("progress", { max: "1", "aria-label": words.progress.title });
  const stage = el("p", { class: "status" });
  const amount = el("p", { class: "quiet" });
  const cancel = el("button", {
    type: "button",
    class: "button",
    text: words.progress.cancel,
    on: { click: () => stop() },
  });
  const path = `analyses/${first.id}`;

  async function stop() {
    if (!(await confirmed(words.progress.cancelTitle, words.progress.cancelText, words.progress.cancelAct))) return;
    await doing(cancel, async () => take(await post(`${path}/cancel`)));
  }

  function take(status) {
    if (!root.isConnected) return;
    if (status?.status === "failed" || status?.status === "cancelled") return over(status);
    if (!status?.status) return;
    const { progress } = status;
    const text = status.status === "queued" ? words.progress.queued : stageText(progress.stage);
    if (stage.textContent !== text) {
      stage.textContent = text;
      announce(text);
    }
    if (progress.total > 0 && status.status === "running") bar.value = progress.done / progress.total;
    else bar.removeAttribute("value");
    amount.textContent = [
      progress.total > 0 ? words.progress.frames(progress.done, progress.total) : null,
      progress.eta_s ? words.progress.left(spanText(progress.eta_s)) : null,
    ]
      .filter(Boolean)
      .join(" · ");
    if (status.status === "done") announce(words.progress.ready);
  }

  function over(status) {
    const gone = el("button", {
      type: "button",
      class: "button",
      text: words.result.remove,
      on: {
        click: () =>
          doing(gone, async () => {
            await remove(path);
            go("clips", { replace: true });
          }),
      },
    });
    put(
      root,
      heading(status.status === "failed" ? words.progress.failed : words.progress.cancelled),
      el("p", { class: "file-name", text: status.clip?.name ?? "" }),
      status.error ? problemBox(new Told(null, status.error.text)) : null,
      el(
        "div",
        { class: "actions" },
        gone,
        el("a", { class: "button primary", href: "#/", text: words.progress.filmAgain }),
      ),
    );
  }

  put(
    root,
    heading(words.progress.title),
    el("p", { class: "file-name", text: first.clip?.name ?? "" }),
    bar,
    stage,
    amount,
    el("p", { class: "quiet", text: words.progress.leave }),
    el("div", { class: "actions" }, cancel),
  );
  take(first);
  return take;
}

function stageText(stage) {
  return stage ? (words.progress.stages[stage] ?? plainName(stage)) : words.progress.running;
}
