/** The postures of a test as the coach corrects them: kept, measured again, undone. */

import { Told } from "../api.js";
import { stageTitle } from "../bands.js";
import { again, corrected, hindrance, stored, unclear } from "../corrections.js";
import { el, put, toast } from "../dom.js";
import { icon } from "../icons.js";
import { withStages } from "../marks.js";
import { words } from "../words.js";
import { doing } from "./common.js";
import { correctingPanel } from "./correcting.js";
import { takeIn } from "./takein.js";

/**
 * What the list of postures shows more: `row(band)` and `foot()`. The panel opens in `place`, which stays while the
 * list is drawn anew; `focus(key)` goes to a button of the list.
 */
export function posturesPart(look, place, focus) {
  /** @type {{before: any, after: any}|null} the stages as stored before and after this page's last change */
  let last = null;

  /** Keep what `make` gives for the stages as they are stored now. */
  async function keep(make) {
    let step;
    await look.keep((marks) => {
      const before = look.stages(marks);
      const list = make(before);
      const report = unclear(marks.reports ?? [], before, list);
      if (report) throw told("felt", words.postures[report.stage] ?? report.stage);
      step = { before: stored(before), after: stored(list) };
      return withStages(marks, step.after, look.movement);
    });
    return step;
  }

  function kept(step) {
    last = step;
    look.drawEvents();
    toast(words.marks.saved);
    takeIn(look, "events");
  }

  const change = async (old, next) =>
    kept(
      await keep((list) => {
        const now = old && again(list, old);
        if (old && !now) throw told("changed");
        const why = hindrance(list, now, next);
        if (why) throw told(why, stageTitle(next ?? old));
        return corrected(list, now, next);
      }),
    );

  const asFound = async () => kept(await keep(() => look.stages({})));

  const undo = async () => {
    await keep((list) => {
      if (!last || JSON.stringify(stored(list)) !== JSON.stringify(last.after)) throw told("changed");
      return look.stages({ stages: last.before });
    });
    kept(null);
  };

  function open(old, key) {
    const shut = () => {
      panel.close();
      put(place);
      focus(key);
    };
    const panel = correctingPanel(look, old, { change, shut });
    put(place, panel.node);
    panel.open();
  }

  const small = (key, text, act) =>
    el("button", {
      type: "button",
      class: "button small",
      "data-key": key,
      text,
      on: { click: (event) => act(event.currentTarget) },
    });
  const storing = (key, act) => (button) =>
    doing(button, async () => {
      await act();
      focus(key);
    });

  return {
    row(band) {
      const key = `change-${band.index}`;
      return el(
        "button",
        {
          type: "button",
          class: "plain round",
          "data-key": key,
          "aria-label": words.correct.change(band.title),
          on: { click: () => open(band.of, key) },
        },
        icon("change"),
      );
    },
    foot: () =>
      el(
        "div",
        { class: "row" },
        small("add", words.correct.add, () => open(null, "add")),
        last && small("undo", words.correct.undo, storing("undo", undo)),
        look.stages().some(({ mine }) => mine) &&
          small("as-found", words.correct.asFound, storing("as-found", asFound)),
      ),
  };
}

const told = (why, name) => new Told(0, words.correct.hindered[why](name));
