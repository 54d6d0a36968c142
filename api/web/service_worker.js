/**
 * Service worker: stores the page's own files for opening it offline, the live guide's files once the camera view has
 * loaded them, and clips that another app shares with this one until they are sent. API answers and results are never
 * stored.
 */

// The type library for workers does not know which kind of worker this is.
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const CACHE_PREFIX = "shell-";
const CACHE_NAME = `${CACHE_PREFIX}5`;
const GUIDE_CACHE = "live-guide";
const FILES = [
  "./",
  "style.css",
  "views.css",
  "manifest.webmanifest",
  "icons/icon.svg",
  "icons/icon-192.png",
  "app.js",
  "camera/camera.js",
  "camera/clip_recorder.js",
  "camera/filming_preferences.js",
  "camera/screen_lock.js",
  "core/analysis_updates.js",
  "core/api_client.js",
  "core/current_user.js",
  "core/dialogs.js",
  "core/dom.js",
  "core/icons.js",
  "core/install_prompt.js",
  "core/movement_list.js",
  "core/result_notices.js",
  "core/router.js",
  "core/unfinished_analyses.js",
  "core/vocabulary.js",
  "live/calm_announcer.js",
  "live/check_rate.js",
  "live/filming_checks.js",
  "live/floor_lifts.js",
  "live/guide_files.js",
  "live/landmarks.js",
  "live/level_sensor.js",
  "live/live_angles.js",
  "live/live_guide.js",
  "live/live_overlay.js",
  "live/live_panel.js",
  "live/live_posture.js",
  "live/movement_depth.js",
  "live/picture_checks.js",
  "live/pose_setup.js",
  "live/pose_stream.js",
  "live/pose_worker.js",
  "live/rep_counter.js",
  "live/set_watcher.js",
  "live/speech.js",
  "live/stillness.js",
  "live/subject_follower.js",
  "live/sustained_condition.js",
  "marks/stage_corrections.js",
  "marks/symptom_marks.js",
  "player/angle_chart.js",
  "player/clip_player.js",
  "player/frame_player.js",
  "player/movement_events.js",
  "player/overlay_drawing.js",
  "player/synced_playback.js",
  "sessions/session_changes.js",
  "sessions/session_clips.js",
  "sessions/session_import.js",
  "sessions/session_store.js",
  "text/film_messages.js",
  "text/formatting.js",
  "text/live_messages.js",
  "text/marks_messages.js",
  "text/messages.js",
  "text/number_parsing.js",
  "text/repeat_messages.js",
  "text/session_messages.js",
  "text/upload_messages.js",
  "text/words.js",
  "upload/clip_upload.js",
  "upload/file_store.js",
  "upload/growing_file.js",
  "upload/pending_uploads.js",
  "upload/recording_upload.js",
  "upload/resumable_upload.js",
  "upload/shared_files.js",
  "views/account.js",
  "views/analysis_progress.js",
  "views/batches.js",
  "views/clients.js",
  "views/clip_fields.js",
  "views/clip_intake.js",
  "views/clip_list.js",
  "views/clip_page.js",
  "views/comparison.js",
  "views/film_clip.js",
  "views/film_keys.js",
  "views/film_overlay.js",
  "views/filming_guide.js",
  "views/key_changes.js",
  "views/new_clip.js",
  "views/page_parts.js",
  "views/repeat_clip.js",
  "views/result/baseline_form.js",
  "views/result/changes_since.js",
  "views/result/clip_details.js",
  "views/result/findings.js",
  "views/result/key_measures.js",
  "views/result/movement_menu.js",
  "views/result/remeasure_status.js",
  "views/result/result_actions.js",
  "views/result/result_events.js",
  "views/result/result_header.js",
  "views/result/result_measures.js",
  "views/result/result_page.js",
  "views/result/screening_form.js",
  "views/result/share_links.js",
  "views/result/stage_editor.js",
  "views/result/symptom_reports.js",
  "views/session/session_card.js",
  "views/session/session_next_step.js",
  "views/session/session_page.js",
  "views/session/session_steps.js",
  "views/shared_clips.js",
  "views/sign_in.js",
  "views/signed_in_phones.js",
  "views/training_menu.js",
  "views/trend_lines.js",
  "views/upload_progress.js",
];
const PATHS = new Set(FILES.map((name) => new URL(name, worker.registration.scope).pathname));

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE_NAME)
      .then((cache) => cache.addAll(FILES.map((name) => new Request(name, { cache: "reload" }))))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith(CACHE_PREFIX) && name !== CACHE_NAME))
      .then((outdated) => Promise.all(outdated.map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

const GUIDE_FOLDER = new URL("live-guide/", worker.registration.scope).href;
const GUIDE_LIST = new URL("files.json", GUIDE_FOLDER).href;

worker.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method !== "GET" || !url.startsWith(GUIDE_FOLDER)) return;
  event.respondWith(url === GUIDE_LIST ? loadGuideList(event) : loadGuideFile(event));
});

/**
 * Load the list of the live guide's files, the stored one while the service cannot be reached.
 * @param {FetchEvent} event
 */
async function loadGuideList(event) {
  const cache = await caches.open(GUIDE_CACHE);
  try {
    const response = await fetch(event.request);
    if (response.ok) event.waitUntil(storeGuideList(cache, response.clone()));
    return response;
  } catch {
    return (await cache.match(GUIDE_LIST)) ?? Response.error();
  }
}

/** Store the list if it names files, and delete files of an older one. */
async function storeGuideList(cache, response) {
  const { files } = await response.clone().json();
  if (!files) return; // the service has none at the moment
  await cache.put(GUIDE_LIST, response);
  const { models, ...parts } = files;
  const current = [...Object.values(parts), ...Object.values(models)].map((path) => new URL(path, GUIDE_LIST).href);
  const outdated = (await cache.keys()).filter(({ url }) => url !== GUIDE_LIST && !current.includes(url));
  await Promise.all(outdated.map((request) => cache.delete(request)));
}

/**
 * Load one of the live guide's files; its address contains the hash of its content, so that a stored one is right.
 * @param {FetchEvent} event
 */
async function loadGuideFile(event) {
  const cache = await caches.open(GUIDE_CACHE);
  const stored = await cache.match(event.request.url);
  if (stored) return stored;
  const response = await fetch(event.request);
  if (response.ok) event.waitUntil(cache.put(event.request.url, response.clone()).catch(() => null)); // no space
  return response;
}

// The share sheet of the phone posts clips here: see share_target of the manifest.
worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "POST" || url.href !== new URL("share", worker.registration.scope).href) return;
  event.respondWith(
    event.request
      .formData()
      .then((form) => storeShared(form.getAll("clips").filter((value) => value instanceof File)))
      .catch(() => null) // the view says that nothing has arrived
      .then(() => Response.redirect(new URL("./#/shared", worker.registration.scope).href, 303)),
  );
});

/**
 * Store shared files for the page: see upload/shared_files.js, which reads them. Of a file that is no video, only the
 * name is stored.
 * @param {File[]} files
 * @returns {Promise<void>}
 */
function storeShared(files) {
  const isVideo = ({ type }) => /^(video\/.*|image\/gif|application\/octet-stream|)$/.test(type);
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("analyzer", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("files");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction("files", "readwrite");
      const shared = Date.now();
      files.forEach((file, index) => {
        const record = { name: file.name, file: isVideo(file) ? file : null, shared };
        transaction.objectStore("files").put(record, ["shared", shared + index / 1000]);
      });
      transaction.oncomplete = () => {
        database.close();
        resolve();
      };
      transaction.onerror = transaction.onabort = () => {
        database.close();
        reject(transaction.error);
      };
    };
  });
}

// Network first, so that a new version is used at once; the cache only while the service cannot be reached.
worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== worker.location.origin || !PATHS.has(url.pathname)) return;
  event.respondWith(
    (async () => {
      const cache = await caches.open(CACHE_NAME);
      try {
        const response = await fetch(event.request);
        if (response.ok && !response.redirected) await cache.put(url.pathname, response.clone());
        return response;
      } catch {
        return (await cache.match(url.pathname)) ?? Response.error();
      }
    })(),
  );
});
