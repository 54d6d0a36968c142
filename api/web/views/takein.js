/** Waiting until the result takes marks in: said in the card where they were made, then the result's new words. */

import { el } from "../dom.js";
import { watch } from "../live.js";
import { words } from "../words.js";

/** The line of a card, while there is one; a card that is drawn anew keeps it. */
export const taking = (look, card) => (look.taking?.card === card ? look.taking.line : null);

/** Wait, then show the result anew. `card` is "felt" or "events": where it is said. */
export function takeIn(look, card = "felt") {
  look.stop?.();
  look.taking?.line.remove();
  const line = el("p", { class: "quiet", role: "status", text: words.takeIn[card] });
  look.taking = { card, line };
  document.getElementById(`${card}-title`)?.after(line);
  look.stop = watch(
    look.id,
    async (status) => {
      if (status.remeasuring || !line.isConnected) return;
      await look.remeasured().catch(() => null);
      if (look.taking?.line !== line) return; // something else was changed meanwhile
      if (status.remeasure_error) {
        line.className = "problem";
        line.textContent = `${words.takeIn.refused[card]} ${status.remeasure_error.text}`;
        return;
      }
      look.taking = null;
      line.remove();
    },
    { until: (status) => !status.remeasuring },
  );
}
