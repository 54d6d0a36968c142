/** On each tile of the result: what changed since the last clip of the same client and exercise. */

import { get } from "../../core/api_client.js";
import { el } from "../../core/dom.js";
import { formatLoad } from "../../core/vocabulary.js";
import { formatShortDate } from "../../text/formatting.js";
import { messages } from "../../text/messages.js";
import { describeChange, getChangeClass } from "../key_changes.js";

/**
 * Add the changes to the tiles in place of those of an earlier call, and a link to the comparison to their footer. Without
 * an earlier clip, or if the changes cannot be loaded, the tiles stay as they are.
 * @param {HTMLElement} root holds the tiles; each has the id of its key measure in `data-measure`
 * @param {{id: string, load_kg: number|null}} status of the analysis
 */
export async function addChangesSince(root, status) {
  const path = `analyses/${encodeURIComponent(status.id)}/changes`;
  const { since, items } = await get(path).catch(() => ({ since: null, items: [] }));
  for (const old of root.querySelectorAll(".since")) old.remove();
  if (!since) return;
  const day = formatShortDate(since.filmed_at);
  /** @type {Element|null|undefined} */
  let footer = null;
  for (const change of items) {
    const tile = root.querySelector(`.tile[data-measure="${CSS.escape(change.id)}"]`);
    if (!tile) continue;
    const since = el("span", { class: "visually-hidden", text: ` ${messages.result.since(day)}` });
    tile.append(el("small", { class: `since ${getChangeClass(change)}`.trim() }, describeChange(change), since));
    footer ??= tile.closest("section")?.querySelector("footer");
  }
  const load = since.load_kg !== status.load_kg && since.load_kg ? formatLoad(since.load_kg) : null;
  const href = `#/compare/${encodeURIComponent(since.analysis)}/${encodeURIComponent(status.id)}`;
  footer?.append(el("a", { class: "since", href, text: messages.result.compareSince(day, load) }));
}
