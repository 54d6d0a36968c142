/** The browser's offer to install the page as an app, which comes once, soon after the page was opened. */

/** @type {(Event & {prompt(): Promise<unknown>})|null} */
let offer = null;
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  // Not in every browser, and so not in the type library.
  offer = /** @type {Event & {prompt(): Promise<unknown>}} */ (event);
});

/** Get the function that asks the person to install the page; null where the browser does not offer that. */
export const getInstallPrompt = () => offer && (() => offer?.prompt());
