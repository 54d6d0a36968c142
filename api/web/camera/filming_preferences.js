/** Switches of the camera view, remembered on this phone. */

const PREFIX = "film-";

/** @param {"hands-free" | "speech"} name */
export function readPreference(name) {
  try {
    return localStorage.getItem(PREFIX + name) === "on";
  } catch {
    return false; // the browser stores nothing for this page
  }
}

/**
 * @param {"hands-free" | "speech"} name
 * @param {boolean} isOn
 */
export function storePreference(name, isOn) {
  try {
    localStorage.setItem(PREFIX + name, isOn ? "on" : "off");
  } catch {
    // It holds until the view is closed.
  }
}
