/** The page: who is signed in, which view is shown, what surrounds it. */

import { Told, statusOf, whenSignedOut } from "./api.js";
import { announce, byId, el, put } from "./dom.js";
import { forgetMe, lastOwner, whoAmI } from "./facts.js";
import { icon } from "./icons.js";
import { go, match, route, start } from "./router.js";
import { errorView } from "./views/common.js";
import { analysisView } from "./views/analysis.js";
import { batchView, batchesView } from "./views/batches.js";
import { clientView, clientsView } from "./views/clients.js";
import { clipsView } from "./views/clips.js";
import { compareView } from "./views/compare.js";
import { homeView } from "./views/home.js";
import { meView } from "./views/me.js";
import { recordView } from "./views/record.js";
import { sendView } from "./views/send.js";
import { signInView } from "./views/signin.js";
import { words } from "./words.js";

const TABS = [
  ["", "add", "new"],
  ["clips", "clips", "clips"],
  ["clients", "people", "clients"],
  ["batches", "batch", "batches"],
  ["me", "me", "me"],
];
/** @type {string|null} where somebody wanted to go before they were asked for their key */
let wanted = null;

/**
 * A view that needs a sign-in, and that tells what it met; `offline`: it also opens without a network.
 * @param {import("./router.js").View} view
 * @param {{offline?: boolean}} [options]
 * @returns {import("./router.js").View}
 */
function guarded(view, { offline = false } = {}) {
  return async (root, params) => {
    try {
      await whoAmI().catch((told) => {
        if (!offline || statusOf(told) !== 0 || lastOwner() === null) throw told;
      });
      return await view(root, params);
    } catch (told) {
      if (statusOf(told) === 401) return askForKey();
      if (!(told instanceof Told)) console.error(told);
      errorView(root, told);
      return null;
    }
  };
}

/** A view that is fetched when it is first asked for: it stays out of the page that is opened first. */
function later(fetched, name) {
  return async (root, params) => {
    const module = await fetched().catch(() => {
      throw new Told(0, words.problems.unreachable);
    });
    return module[name](root, params);
  };
}

function askForKey() {
  forgetMe();
  if (match(location.hash)?.facts?.open !== true) wanted = location.hash.replace(/^#\//, "");
  go("sign-in", { replace: true });
}

route("", guarded(homeView, { offline: true }), { tab: "", title: words.home.title });
route("for/:client", guarded(homeView), { tab: "", title: words.home.title });
route("film", guarded(recordView), { back: "", title: words.record.title, alone: true });
route("film/:client", guarded(recordView), { back: "", title: words.record.title, alone: true });
route("film/:client/:step", guarded(recordView), {
  back: ({ client }) => `session/${client}`,
  title: words.record.title,
  alone: true,
});
route("send/:id", guarded(sendView, { offline: true }), { tab: "", back: "", title: words.send.title });
route("clips", guarded(clipsView), { tab: "clips", title: words.clips.title });
route("clips/:id", guarded(analysisView), { back: "clips", title: words.clips.untitled, alone: true });
route("compare/:a/:b", guarded(compareView), { back: "clips", title: words.compare.title, alone: true });
route("clients", guarded(clientsView), { tab: "clients", title: words.clients.title });
route("clients/:id", guarded(clientView), { tab: "clients", back: "clients", title: words.clients.title });
route("session/:client", guarded(later(() => import("./views/session.js"), "sessionView")), {
  tab: "clients",
  back: ({ client }) => `clients/${client}`,
  title: words.session.title,
});
route("session/:client/:id", guarded(later(() => import("./views/card.js"), "cardView")), {
  tab: "clients",
  back: ({ client }) => `session/${client}`,
  title: words.session.title,
});
route("batches", guarded(batchesView), { tab: "batches", title: words.batches.title });
route("batches/:id", guarded(batchView), { tab: "batches", back: "batches", title: words.batches.title });
route("me", guarded(meView), { tab: "me", title: words.me.title });
route(
  "sign-in",
  (root) =>
    signInView(root, () => {
      const to = wanted ?? "";
      wanted = null;
      go(to, { replace: true });
    }),
  { title: words.signIn.title, open: true, alone: true },
);

/**
 * What surrounds a view: tabs, the way back, the title; a fresh element for the view itself.
 * @param {import("./router.js").Found} found
 */
function frame({ facts, params }) {
  const main = byId("main");
  const back = byId("back");
  document.title = `${facts.title} · ${words.app}`;
  document.body.classList.toggle("alone", facts.alone === true);
  back.hidden = facts.back === undefined;
  back.setAttribute("href", `#/${(typeof facts.back === "function" ? facts.back(params) : facts.back) ?? ""}`);
  put(
    byId("tabs"),
    facts.open
      ? []
      : TABS.map(([path, name, word]) =>
          el(
            "a",
            {
              href: `#/${path}`,
              class: "tab",
              "aria-current": facts.tab === path ? "page" : null,
            },
            icon(name),
            el("span", { text: words.tabs[word] }),
          ),
        ),
  );
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  const root = el("div", { class: "view" });
  put(main, root);
  window.scrollTo(0, 0);
  // The first view leaves the focus where a reader starts; later ones move it to what is new.
  if (started) main.focus({ preventScroll: true });
  started = true;
  announce(facts.title);
  return root;
}
let started = false;

put(byId("back"), icon("back"), el("span", { class: "visually-hidden", text: words.common.back }));
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
whenSignedOut(askForKey);
start(frame);

// Installing and opening without a network need TLS or this computer's own address; elsewhere the page works without.
if ("serviceWorker" in navigator && window.isSecureContext) navigator.serviceWorker.register("sw.js").catch(() => null);
