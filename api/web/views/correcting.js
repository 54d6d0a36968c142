/** The panel that corrects one posture: start and end from where the video stands, its name, its leg. */

import { stageTitle } from "../bands.js";
import { begunAt, heirOf } from "../corrections.js";
import { announce, el, field } from "../dom.js";
import { icon } from "../icons.js";
import { frameAt } from "../player.js";
import { secondsText } from "../text.js";
import { words } from "../words.js";
import { doing } from "./common.js";

const said = words.correct;

/** `old` is a stage of `look.stages()`, null for a new one. Gives {node, open, close}; it stays beside the video. */
export function correctingPanel(look, old, { change, shut }) {
  const { player, picture } = look.player;
  const times = look.overlay.times_s;
  const draft = { ...(old ?? begunAt(look.stages(), thousandth(times[player.index]), thousandth(times.at(-1)))) };
  const heir = old && heirOf(look.stages(), old);

  const title = el("h2", { id: "correcting-title", tabindex: "-1", text: old ? stageTitle(old) : said.new });
  const now = el("p", { class: "quiet readout" });
  const tell = () => {
    now.textContent = said.video(secondsText(times[player.index], 2));
  };
  const listening = new AbortController();
  player.addEventListener("frame", tell, { signal: listening.signal });
  tell();

  const name = el(
    "select",
    { on: { change: () => (draft.name = name.value) } },
    [["", said.choose], ...namesWith(old?.name)].map(([value, text]) => el("option", { value, text })),
  );
  name.value = draft.name;
  const leg = el(
    "select",
    { on: { change: () => (draft.side = leg.value || null) } },
    [["", said.noLeg], ...Object.entries(said.legs)].map(([value, text]) => el("option", { value, text })),
  );
  leg.value = draft.side ?? "";

  /** One end of the posture: set to where the video stands, or moved by a frame, with the video. */
  function bound(which) {
    const value = el("span", { class: "quiet" });
    const show = () => {
      value.textContent = said.at[which](secondsText(draft[which], 2));
    };
    const set = (index) => {
      player.pause();
      draft[which] = thousandth(times[index]);
      show();
      announce(value.textContent);
    };
    const step = (n, label, name) =>
      el(
        "button",
        {
          type: "button",
          class: "round",
          "aria-label": label,
          on: {
            click: () => {
              const index = Math.min(times.length - 1, Math.max(0, frameAt(times, draft[which]) + n));
              set(index);
              player.toFrame(index);
            },
          },
        },
        icon(name),
      );
    show();
    return el(
      "div",
      { class: "bound" },
      step(-1, said.earlier[which], "stepBack"),
      el(
        "button",
        { type: "button", class: "button", on: { click: () => set(player.index) } },
        el("span", { text: said.here[which] }),
        value,
      ),
      step(1, said.later[which], "stepOn"),
    );
  }

  const act = (text, className, next) => {
    const button = el("button", {
      type: "button",
      class: `button ${className}`,
      text,
      on: {
        click: () =>
          doing(button, async () => {
            await change(old, next());
            shut();
          }),
      },
    });
    return button;
  };
  const node = el(
    "section",
    {
      class: "correct",
      "aria-labelledby": "correcting-title",
      on: { keydown: (event) => event.key === "Escape" && shut() },
    },
    el(
      "div",
      { class: "correct-head" },
      title,
      now,
      el(
        "button",
        { type: "button", class: "plain round", "aria-label": words.common.close, on: { click: shut } },
        icon("close"),
      ),
    ),
    bound("start_s"),
    bound("end_s"),
    el("div", { class: "name-and-leg" }, field(said.name, name), field(said.leg, leg)),
    el(
      "div",
      { class: "row" },
      old && (heir || old.mine) && act(said.remove, "careful-text", () => null),
      act(words.common.save, "primary", () => ({ ...draft })),
    ),
    heir && el("p", { class: "quiet", text: said.goesTo(stageTitle(heir)) }),
  );
  return {
    node,
    open() {
      picture.scrollIntoView({ block: "nearest" });
      node.scrollIntoView({ block: "nearest" });
      title.focus({ preventScroll: true });
    },
    close: () => listening.abort(),
  };
}

/** The names there are, and the one it has where that is another. */
function namesWith(own) {
  const known = Object.entries(words.postures);
  return own && !words.postures[own] ? [...known, [own, stageTitle({ name: own })]] : known;
}

const thousandth = (seconds) => Math.round(seconds * 1000) / 1000;
