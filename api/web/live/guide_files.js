/** Whether the live guide can run: what this browser can do, and the files that the service has. */

import { canRunPoseStream } from "./pose_stream.js";

/**
 * Get the addresses of the guide's files; null without them, or on a phone that cannot run it.
 * @returns {Promise<import("./pose_setup.js").LiveGuideFiles|null>}
 */
export async function loadGuideFiles() {
  if (!canRunPoseStream()) return null;
  try {
    const response = await fetch("live-guide/files.json");
    return response.ok ? (await response.json()).files : null;
  } catch {
    return null;
  }
}
