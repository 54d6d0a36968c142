/** The application: routes, the sign-in check, and the frame around a view. */

import { ApiError, getErrorStatus, setSignedOutHandler } from "./core/api_client.js";
import { forgetUser, getLastOwner, getUser } from "./core/current_user.js";
import { announce, el, getElement, setChildren } from "./core/dom.js";
import { icon } from "./core/icons.js";
import "./core/install_prompt.js";
import { addRoute, matchRoute, navigate, startRouter } from "./core/router.js";
import { getSessionPath, syncSessions } from "./sessions/session_store.js";
import { messages } from "./text/messages.js";
import { uploadEvents } from "./upload/clip_upload.js";
import { deleteExpiredUploads, hasAwaitedResults } from "./upload/pending_uploads.js";
import { renderNewClipView } from "./views/new_clip.js";
import { showErrorPage } from "./views/page_parts.js";
import { renderSignInView } from "./views/sign_in.js";
import { renderUploadView } from "./views/upload_progress.js";

/** @type {[path: string, icon: string, text: string][]} */
const TABS = [
  ["", "add", "new"],
  ["clips", "clips", "clips"],
  ["clients", "people", "clients"],
  ["batches", "batch", "batches"],
  ["me", "me", "account"],
];
/** @type {string|null} the path to open after signing in */
let pathAfterSignIn = null;
let isSynced = false; // whether sessions that are only on this phone were sent since the sign-in

/**
 * Make a view require a sign-in and show its errors; `offline`: it also opens while the service cannot be reached.
 * @param {import("./core/router.js").View} view
 * @param {{offline?: boolean}} [options]
 * @returns {import("./core/router.js").View}
 */
function requireSignIn(view, { offline = false } = {}) {
  return async (root, params) => {
    try {
      await getUser().then(syncOnce, (error) => {
        if (!offline || getErrorStatus(error) !== 0 || getLastOwner() === null) throw error;
      });
      return await view(root, params);
    } catch (error) {
      if (getErrorStatus(error) === 401) return showSignIn();
      if (!(error instanceof ApiError)) console.error(error);
      showErrorPage(root, error);
      return null;
    }
  };
}

function syncOnce() {
  if (!isSynced) syncSessions();
  isSynced = true;
}

/** Make a view load its module on first use, so that it does not delay the first page. */
function loadOnDemand(importModule, name) {
  return async (root, params) => {
    const module = await importModule().catch(() => {
      throw new ApiError(0, messages.problems.unreachable);
    });
    return module[name](root, params);
  };
}

function showSignIn() {
  forgetUser();
  isSynced = false;
  if (!matchRoute(location.hash)?.options.isPublic) pathAfterSignIn = location.hash.replace(/^#\//, "");
  navigate("sign-in", { replace: true });
}

const newClip = { tab: "", title: messages.newClip.title };
const film = { title: messages.film.title, hidesTabs: true };
const clients = { tab: "clients", title: messages.clients.title };
const session = { tab: "clients", title: messages.session.title };
const accountView = loadOnDemand(() => import("./views/account.js"), "renderAccountView");
const importBatches = () => import("./views/batches.js");
const importClients = () => import("./views/clients.js");
const clipView = loadOnDemand(() => import("./views/clip_page.js"), "renderClipView");
const clipsView = loadOnDemand(() => import("./views/clip_list.js"), "renderClipsView");
const comparisonView = loadOnDemand(() => import("./views/comparison.js"), "renderComparisonView");
const filmView = loadOnDemand(() => import("./views/film_clip.js"), "renderFilmView");
const repeatView = loadOnDemand(() => import("./views/repeat_clip.js"), "renderRepeatView");
const sessionView = loadOnDemand(() => import("./views/session/session_page.js"), "renderSessionView");
const sessionCardView = loadOnDemand(() => import("./views/session/session_card.js"), "renderSessionCardView");

addRoute("", requireSignIn(renderNewClipView, { offline: true }), newClip);
addRoute(
  "shared",
  requireSignIn((root) => renderNewClipView(root, { isShared: true }), { offline: true }),
  newClip,
);
addRoute("for/:client", requireSignIn(renderNewClipView), newClip);
addRoute("film", requireSignIn(filmView), { ...film, back: "" });
addRoute("film/:client", requireSignIn(filmView), { ...film, back: "" });
addRoute("film/:client/:step", requireSignIn(filmView), {
  ...film,
  back: ({ client }) => `session/${client}`,
});
addRoute("send/:id", requireSignIn(renderUploadView, { offline: true }), {
  tab: "",
  back: "",
  title: messages.upload.title,
});
addRoute("clips", requireSignIn(clipsView), { tab: "clips", title: messages.clips.title });
addRoute("clips/:id", requireSignIn(clipView), {
  back: "clips",
  title: messages.clips.untitled,
  hidesTabs: true,
});
addRoute("again/:id", requireSignIn(repeatView), {
  back: ({ id }) => `clips/${id}`,
  title: messages.repeat.title,
  hidesTabs: true,
});
addRoute("compare/:a/:b", requireSignIn(comparisonView), {
  back: "clips",
  title: messages.compare.title,
  hidesTabs: true,
});
addRoute("clients", requireSignIn(loadOnDemand(importClients, "renderClientsView")), clients);
addRoute("clients/:id", requireSignIn(loadOnDemand(importClients, "renderClientView")), {
  ...clients,
  back: "clients",
});
addRoute("session/:client", requireSignIn(sessionView), { ...session, back: ({ client }) => `clients/${client}` });
addRoute("session/:client/:id", requireSignIn(sessionCardView), {
  ...session,
  back: ({ client }) => `session/${client}`,
});
addRoute("batches", requireSignIn(loadOnDemand(importBatches, "renderBatchesView")), {
  tab: "batches",
  title: messages.batches.title,
});
addRoute("batches/:id", requireSignIn(loadOnDemand(importBatches, "renderBatchView")), {
  tab: "batches",
  back: "batches",
  title: messages.batches.title,
});
addRoute("me", requireSignIn(accountView), { tab: "me", title: messages.account.title });
addRoute(
  "sign-in",
  (root) =>
    renderSignInView(root, () => {
      const path = pathAfterSignIn ?? "";
      pathAfterSignIn = null;
      navigate(path, { replace: true });
    }),
  { title: messages.signIn.title, isPublic: true, hidesTabs: true },
);

let isFirstView = true;

/**
 * Draw the frame of a view: tabs, back button and title. Returns a new element for the view itself.
 * @param {import("./core/router.js").RouteMatch} match
 */
function renderFrame({ options, params }) {
  const main = getElement("main");
  const back = getElement("back");
  document.title = `${options.title} · ${messages.app}`;
  document.body.classList.toggle("alone", options.hidesTabs === true);
  back.hidden = options.back === undefined;
  back.setAttribute("href", `#/${(typeof options.back === "function" ? options.back(params) : options.back) ?? ""}`);
  setChildren(getElement("tabs"), options.isPublic ? [] : TABS.map((tab) => buildTab(tab, options.tab)));
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  const root = el("div", { class: "view" });
  setChildren(main, root);
  window.scrollTo(0, 0);
  // Keep the focus at the top of the page at first; later move it to the new view.
  if (!isFirstView) main.focus({ preventScroll: true });
  isFirstView = false;
  announce(options.title);
  return root;
}

function buildTab([path, iconName, text], currentTab) {
  return el(
    "a",
    { href: `#/${path}`, class: "tab", "aria-current": currentTab === path ? "page" : null },
    icon(iconName),
    el("span", { text: messages.tabs[text] }),
  );
}

setChildren(getElement("back"), icon("back"), el("span", { class: "visually-hidden", text: messages.common.back }));
getElement("skip").addEventListener("click", (event) => {
  event.preventDefault();
  getElement("main").focus();
});
setSignedOutHandler(showSignIn);
startRouter(renderFrame);
deleteExpiredUploads();

// Results of clips that this page has sent are announced in whichever view is open then.
const withNotices = (use) => import("./core/result_notices.js").then(use, () => null); // not reached now: the list of clips has the result as well
uploadEvents.addEventListener("arrival", (event) => {
  const { analysis, step } = /** @type {CustomEvent} */ (event).detail;
  withNotices(({ awaitResult }) => awaitResult(analysis, getSessionPath(step) ?? `clips/${analysis}`));
});
if (hasAwaitedResults()) withNotices(({ watchAwaited }) => watchAwaited());

// Offline use and installing need TLS or this computer's own address; the page works without.
if ("serviceWorker" in navigator && window.isSecureContext)
  navigator.serviceWorker.register("service_worker.js").catch(() => null);
