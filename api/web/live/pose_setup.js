/** Where and with which pose model the live guide computes: the best way that this phone is fast enough for. */

/**
 * @typedef {object} LiveGuideFiles
 * @property {string} bundle
 * @property {string} loader
 * @property {string} wasm
 * @property {Record<string, string>} models addresses by the name of the model
 *
 * @typedef {{model: string, delegate: "GPU" | "CPU"}} PoseSetup
 */

const STORED = "live-guide-setup";
const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

/**
 * List the ways to compute, the best one first. A phone starts with the one that worked the last time.
 * @param {LiveGuideFiles} files
 * @param {{hasGpu?: boolean, remembered?: string|null}} [options]
 * @returns {PoseSetup[]}
 */
export function listSetups(files, { hasGpu = detectGpu(), remembered = readRemembered() } = {}) {
  /** @type {PoseSetup[]} */
  const setups = [];
  if (files.models.full) {
    if (hasGpu) setups.push({ model: "full", delegate: "GPU" });
    setups.push({ model: "full", delegate: "CPU" });
  }
  if (files.models.lite) setups.push({ model: "lite", delegate: "CPU" });
  const first = setups.findIndex((setup) => getName(setup) === remembered);
  return first > 0 ? setups.slice(first) : setups;
}

/** @param {PoseSetup} setup */
export function rememberSetup(setup) {
  try {
    localStorage.setItem(STORED, getName(setup));
  } catch {
    // The next time it is found out again.
  }
}

function readRemembered() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

/** @param {PoseSetup} setup */
const getName = ({ model, delegate }) => `${model} ${delegate}`;

/** Tell whether WebGL 2 runs on a graphics processor; drawn by the processor it is far slower than WebAssembly. */
function detectGpu() {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (!gl) return false;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : gl.getParameter(gl.RENDERER);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(String(renderer));
}
