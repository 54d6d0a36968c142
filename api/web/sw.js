/** Keeps the page's own files for opening without a network. Nothing of people: no API answer, no video is ever kept. */

// The type library for workers does not know which kind of worker this is.
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const OURS = "shell-";
const STORE = `${OURS}1`;
const FILES = [
  "./",
  "style.css",
  "views.css",
  "manifest.webmanifest",
  "icons/icon.svg",
  "icons/icon-192.png",
  "actions",
  "analysis",
  "batches",
  "before",
  "card",
  "clients",
  "clip_details",
  "clips",
  "common",
  "compare",
  "correcting",
  "details",
  "felt",
  "findings",
  "home",
  "lines",
  "me",
  "movement_menu",
  "nextstep",
  "postures",
  "progress",
  "record",
  "result",
  "result_head",
  "screen",
  "send",
  "session",
  "sharing",
  "signin",
  "steps",
  "takein",
  "training",
]
  .map((name) => (/[./]/.test(name) ? name : `views/${name}.js`))
  .concat(
    [
      "api",
      "app",
      "bands",
      "chart",
      "corrections",
      "details",
      "dialogs",
      "dom",
      "facts",
      "guide",
      "icons",
      "instep",
      "live",
      "marks",
      "overlay",
      "pending",
      "plans",
      "player",
      "router",
      "sending",
      "session_card",
      "session_clips",
      "sessions",
      "stage",
      "text",
      "tus",
      "words",
      "words_details",
      "words_marks",
      "words_session",
      "words_training",
    ].map((name) => `${name}.js`),
  );
const SHELL = new Set(FILES.map((name) => new URL(name, worker.registration.scope).pathname));

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(STORE)
      .then((store) => store.addAll(FILES.map((name) => new Request(name, { cache: "reload" }))))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith(OURS) && name !== STORE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

// The network first, so that a new version shows at once; what is kept only where there is none.
worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== worker.location.origin || !SHELL.has(url.pathname)) return;
  event.respondWith(
    (async () => {
      const store = await caches.open(STORE);
      try {
        const answer = await fetch(event.request);
        if (answer.ok && !answer.redirected) await store.put(url.pathname, answer.clone());
        return answer;
      } catch {
        return (await store.match(url.pathname)) ?? Response.error();
      }
    })(),
  );
});
