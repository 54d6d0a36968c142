/** Who is signed in, requested once and remembered for opening the page offline. */

import { get } from "./api_client.js";

const OWNER_KEY = "analyzer.owner";
/** @type {User|null} */
let user = null;

/**
 * @typedef {object} User the signed-in user, as GET /v1/me describes them
 * @property {string} owner
 * @property {string} auth
 * @property {{max_upload_bytes: number, max_duration_s: number}} limits
 */

/** Get the signed-in user, from memory unless `refresh`. Throws ApiError, with status 401 if no user is signed in. */
export async function getUser({ refresh = false } = {}) {
  if (!refresh && user) return user;
  /** @type {User} */
  const current = await get("me", { quiet: true });
  rememberOwner(current.owner);
  user = current;
  return current;
}

/** Forget the user, after they signed out or their sign-in ended. */
export function forgetUser() {
  user = null;
  rememberOwner(null);
}

/** Get the owner who last used this page on this phone: their pending uploads are shown offline too. Null if none. */
export function getLastOwner() {
  try {
    return localStorage.getItem(OWNER_KEY);
  } catch {
    return null;
  }
}

/** @param {string|null} owner */
function rememberOwner(owner) {
  try {
    if (owner === null) localStorage.removeItem(OWNER_KEY);
    else localStorage.setItem(OWNER_KEY, owner);
  } catch {
    /* private browsing */
  }
}

/** Get the owner under whom uploads and unsent changes are stored on this phone; other owners do not see them. */
export const getOwnerKey = () => user?.owner ?? getLastOwner() ?? "local";
