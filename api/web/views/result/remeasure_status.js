/** The note on a card while the result is measured again with new marks, and the new result afterwards. */

import { watchAnalysis } from "../../core/analysis_updates.js";
import { el } from "../../core/dom.js";
import { messages } from "../../text/messages.js";

/**
 * Get the note of a card; null if there is none. A card that is drawn again shows it again.
 * @param {import("./result_page.js").ResultContext} context
 * @param {"marks"|"events"} card
 */
export const getRemeasureNote = (context, card) =>
  context.remeasurement?.card === card ? context.remeasurement.note : null;

/**
 * Show the note on a card until the marks are in the result, then show that result.
 * @param {import("./result_page.js").ResultContext} context
 * @param {"marks"|"events"} [card]
 */
export function awaitRemeasurement(context, card = "marks") {
  context.stopWatching?.();
  context.remeasurement?.note.remove();
  const note = el("p", { class: "quiet", role: "status", text: messages.remeasurement[card] });
  context.remeasurement = { card, note };
  document.getElementById(`${card}-title`)?.after(note);
  context.stopWatching = watchAnalysis(
    context.id,
    async (status) => {
      if (status.remeasuring || !note.isConnected) return;
      await context.reloadResult().catch(() => null);
      if (context.remeasurement?.note !== note) return; // another change was made in the meantime
      if (status.remeasure_error) {
        note.className = "problem";
        note.textContent = `${messages.remeasurement.refused[card]} ${status.remeasure_error.text}`;
        return;
      }
      context.remeasurement = null;
      note.remove();
    },
    { until: (status) => !status.remeasuring },
  );
}
