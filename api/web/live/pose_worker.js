/**
 * Web worker that finds people in frames of the camera, with MediaPipe Tasks for the web.
 *
 * Receives {type: "load", files, model, delegate} once, then {type: "frame", frame, time_s} one at a time, each answered
 * by {type: "sample", ...} or {type: "failed", message}.
 */

// The type library for workers does not know which kind of worker this is.
const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const LUMA_PX = 32; // the frame's brightness is taken from a copy of this size; chosen
const POINTS = 33;
// A module with one SIMD instruction, as small as one can be: browsers without SIMD refuse it.
const SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
];

/** @type {any} MediaPipe's PoseLandmarker, whose types are not part of this project */
let landmarker = null;
const luma = new OffscreenCanvas(LUMA_PX, LUMA_PX).getContext("2d", { willReadFrequently: true });
let lastTime_ms = -1;

keepRequestsHere();
scope.onmessage = async ({ data }) => {
  try {
    if (data.type === "load") await load(data);
    else if (data.type === "frame") check(data);
  } catch (error) {
    scope.postMessage({ type: "failed", message: String(error) });
  }
};

/**
 * MediaPipe reports its use to its publisher once a minute. This worker's policy forbids that; answering such requests
 * here spares the error as well.
 */
function keepRequestsHere() {
  const fetchHere = scope.fetch.bind(scope);
  scope.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, scope.location.href);
    return url.origin === scope.location.origin ? fetchHere(input, init) : new Response(null, { status: 204 });
  };
}

/** @param {{files: {bundle: string, loader: string, wasm: string}, model: string, delegate: "GPU"|"CPU"}} options */
async function load({ files, model, delegate }) {
  if (!WebAssembly.validate(new Uint8Array(SIMD))) throw new Error("this browser has no WebAssembly SIMD");
  const [{ PoseLandmarker }, content] = await Promise.all([import(files.bundle), download(model)]);
  landmarker = await PoseLandmarker.createFromOptions(
    { wasmLoaderPath: files.loader, wasmBinaryPath: files.wasm },
    {
      baseOptions: { modelAssetBuffer: content, delegate },
      runningMode: "VIDEO",
      numPoses: 2,
    },
  );
  scope.postMessage({ type: "ready" });
}

async function download(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** @param {{frame: ImageBitmap, time_s: number, width_px: number, height_px: number}} request */
function check({ frame, time_s, width_px, height_px }) {
  const startedAt = performance.now();
  try {
    // Times must grow: two frames of one millisecond are a millisecond apart.
    lastTime_ms = Math.max(lastTime_ms + 1, Math.round(time_s * 1000));
    const found = landmarker.detectForVideo(frame, lastTime_ms);
    const people = found.landmarks.map((landmarks, person) => ({
      points: toArray(landmarks, (one) => [one.x * width_px, one.y * height_px, one.visibility ?? 0]),
      world: toArray(found.worldLandmarks[person], (one) => [one.x, one.y, one.z]),
    }));
    scope.postMessage({
      type: "sample",
      sample: { time_s, width_px, height_px, brightness: measureBrightness(frame), people },
      inference_ms: performance.now() - startedAt,
    });
  } finally {
    frame.close();
  }
}

function toArray(landmarks, pick) {
  const values = new Float32Array(POINTS * 3);
  for (const [n, one] of landmarks.entries()) values.set(pick(one), 3 * n);
  return values;
}

/** Compute the mean luma of a frame (ITU-R BT.709), 0-255. */
function measureBrightness(frame) {
  if (luma === null) return 255;
  luma.drawImage(frame, 0, 0, LUMA_PX, LUMA_PX);
  const { data } = luma.getImageData(0, 0, LUMA_PX, LUMA_PX);
  let sum = 0;
  for (let n = 0; n < data.length; n += 4) sum += 0.2126 * data[n] + 0.7152 * data[n + 1] + 0.0722 * data[n + 2];
  return sum / (data.length / 4);
}
