/** A clip on its way: how much is there, pause, go on, pick it again after a closed tab. */

import { Told } from "../api.js";
import { announce, el, focusIn, put } from "../dom.js";
import { confirmed } from "../dialogs.js";
import { findPending } from "../pending.js";
import { go } from "../router.js";
import { analysisOf, drop, goOn, pause, pickedAgain, resume } from "../sending.js";
import { sessionWith } from "../sessions.js";
import { sizeText, spanText } from "../text.js";
import { words } from "../words.js";
import { errorView, heading, problemBox } from "./common.js";
import { fileButton } from "./home.js";

export async function sendView(root, { id }) {
  const entry = findPending(id);
  if (!entry && analysisOf(id)) return go(placeOf(analysisOf(id)), { replace: true });
  if (!entry) return errorView(root, new Told(404, words.send.gone));
  const sending = await resume(entry);
  const bar = el("progress", { max: "1", value: 0, "aria-label": words.send.sending });
  const status = el("p", { class: "status" });
  const amount = el("p", { class: "quiet" });
  const actions = el("div", { class: "actions" });
  const told = el("div", {});
  put(
    root,
    heading(words.send.title),
    el("p", { class: "file-name", text: entry.name }),
    bar,
    status,
    amount,
    told,
    el("p", { class: "quiet", text: words.send.stay }),
    actions,
  );
  const speed = speedometer();
  let drawn = null;

  const draw = () => {
    const { state } = sending;
    if (state === "done") return go(placeOf(sending.analysis.id), { replace: true });
    bar.value = entry.size ? sending.sent / entry.size : 0;
    const left = state === "sending" ? speed(sending.sent, entry.size) : null;
    amount.textContent = [
      words.send.of(sizeText(sending.sent), sizeText(entry.size)),
      left ? words.send.left(spanText(left)) : null,
    ]
      .filter(Boolean)
      .join(" · ");
    const text =
      {
        sending: words.send.sending,
        waiting: words.send[sending.busy ? "busy" : "waiting"](Math.ceil(sending.wait ?? 1)),
        paused: words.send.paused,
        handing_over: words.send.handing,
        needs_file: words.send.needs(entry.name),
        refused: words.send.refused,
      }[state] ?? words.common.loading;
    if (status.textContent !== text) {
      status.textContent = text;
      announce(text);
    }
    if (state === drawn) return undefined;
    drawn = state;
    const had = actions.contains(document.activeElement);
    put(told, state === "refused" ? problemBox(sending.told) : null);
    // What is all there is being handed over: it can be stopped again once it is an analysis.
    actions.hidden = state === "handing_over";
    put(actions, actions.hidden ? null : [stop(), mainAction(state)]);
    if (had) focusIn(actions, "button, input");
    return undefined;
  };

  const stop = () =>
    el("button", {
      type: "button",
      class: "button",
      text: words.send.drop,
      on: {
        click: async () => {
          if (!(await confirmed(words.send.dropTitle, words.send.dropText, words.send.dropAct))) return;
          const session = sessionWith(entry.id);
          await drop(entry);
          go(session ? `session/${session.client}` : "", { replace: true });
        },
      },
    });
  const button = (text, act) => el("button", { type: "button", class: "button primary", text, on: { click: act } });
  const mainAction = (state) => {
    if (state === "sending" || state === "waiting") return button(words.send.pause, () => pause(sending));
    if (state === "paused") return button(words.send.resume, () => goOn(sending));
    if (state === "refused" && sending.upload) return button(words.common.again, () => goOn(sending));
    if (state !== "needs_file") return null;
    return fileButton(
      words.send.pick,
      "folder",
      async (file) => {
        if (!(await pickedAgain(sending, file))) put(told, problemBox(new Told(null, words.send.other)));
      },
      { primary: true },
    );
  };

  sending.addEventListener("change", draw);
  draw();
  return () => sending.removeEventListener("change", draw);
}

/** Where a clip that is all there is shown: in its session while that goes on, else by itself. */
function placeOf(analysis) {
  const session = sessionWith(analysis);
  return session ? `session/${session.client}` : `clips/${analysis}`;
}

/** Seconds left by the speed of the last ten seconds; null until that can be told. */
function speedometer() {
  const seen = [];
  return (sent, total) => {
    const now = performance.now() / 1000;
    seen.push([now, sent]);
    while (seen.length > 2 && now - seen[0][0] > 10) seen.shift();
    const [then, before] = seen[0];
    const rate = (sent - before) / (now - then);
    return now - then > 1 && rate > 0 ? (total - sent) / rate : null;
  };
}
