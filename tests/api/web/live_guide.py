"""Run the live guide's checks over samples of the camera, and judge what it says in a scene."""

import base64
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import mediapipe as mp
from mediapipe.tasks.python import BaseOptions, vision
from playwright.sync_api import Page

from tests.api.web.live_scenes import Frames, Scene

LONGEST_SIDE_PX = 640  # of the pictures that the pose model reads, as in `api/web/live/pose_stream.js`
RIGHT_WITHIN_S = 2.0
MAX_WRONG_S = 1.0
_GUIDE = """async ({ samples, movement, variant, is_tapped }) => {
  const [{ FilmingChecks }, { SetWatcher, chooseInstruction }] = await Promise.all([
    import("/live/filming_checks.js"), import("/live/set_watcher.js"),
  ]);
  const [checks, watcher] = [new FilmingChecks(), new SetWatcher({ movement, variant })];
  if (is_tapped) watcher.startNow();
  return samples.map((sample) => {
    const check = checks.update(sample);
    const watch = watcher.update(sample, check);
    return {
      time_s: sample.time_s, instruction: chooseInstruction(check, watch)?.id ?? null, is_good: check.isGood,
      yaw_deg: check.yaw_deg, angles: check.angles, action: watch.action, reps: watch.reps, hold_s: watch.hold_s,
    };
  });
}"""

_FILM = """async ({ duration_s, movement }) => {
  const [{ loadGuideFiles }, { PoseStream }, { FilmingChecks }, { SetWatcher, chooseInstruction }] = await Promise.all([
    import("/live/guide_files.js"), import("/live/pose_stream.js"),
    import("/live/filming_checks.js"), import("/live/set_watcher.js"),
  ]);
  let files = null; // the service reads them with the first request
  for (let tries = 0; !files && tries < 60; tries++) {
    if (tries) await new Promise((done) => setTimeout(done, 500));
    files = await loadGuideFiles();
  }
  if (!files) throw new Error("the service has no files of the live guide: analyzer models pull --live-guide");
  const video = document.body.appendChild(document.createElement("video"));
  video.muted = true;
  const [checks, watcher, states] = [new FilmingChecks(), new SetWatcher({ movement }), []];
  let start_s = null;
  const isRunning = Promise.withResolvers();
  const stream = new PoseStream(video, {
    files,
    onState: (state, reason) => {
      if (state === "running") isRunning.resolve();
      if (state === "failed") isRunning.reject(reason);
    },
    onSample: (seen) => {
      if (start_s === null) return;
      const sample = { ...seen, time_s: seen.time_s - start_s };
      const check = checks.update(sample);
      const watch = watcher.update(sample, check);
      states.push({
        time_s: sample.time_s, instruction: chooseInstruction(check, watch)?.id ?? null, is_good: check.isGood,
        yaw_deg: check.yaw_deg, angles: check.angles, action: watch.action, reps: watch.reps, hold_s: watch.hold_s,
      });
    },
  });
  stream.start();
  await isRunning.promise; // the camera opens, and the film begins, once the model is there
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
  await video.play();
  start_s = performance.now() / 1000;
  await new Promise((done) => setTimeout(done, 1000 * duration_s));
  stream.stop();
  return states;
}"""

_START_WORKER = """async () => {
  const { loadGuideFiles } = await import("/live/guide_files.js");
  let files = null; // the service reads them with the first request
  for (let tries = 0; !files && tries < 120; tries++) {
    if (tries) await new Promise((done) => setTimeout(done, 500));
    files = await loadGuideFiles();
  }
  if (!files) throw new Error("the service has no files of the live guide: analyzer models pull --live-guide");
  const worker = new Worker("/live/pose_worker.js", { type: "module" });
  const ask = (message, transfer = []) => new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => data.type === "failed" ? reject(new Error(data.message)) : resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(message, transfer);
  });
  const { models, ...parts } = files;
  await ask({ type: "load", files: parts, model: models.full, delegate: "CPU" });
  window.checkPicture = async ({ jpeg, time_s, side_px }) => {
    const bytes = Uint8Array.from(atob(jpeg), (letter) => letter.charCodeAt(0));
    const whole = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
    const { width: width_px, height: height_px } = whole;
    const scale = Math.min(side_px / Math.max(width_px, height_px), 1);
    const size = { resizeWidth: Math.round(width_px * scale), resizeHeight: Math.round(height_px * scale) };
    const frame = await createImageBitmap(whole, size);
    const { sample } = await ask({ type: "frame", frame, time_s, width_px, height_px }, [frame]);
    const people = sample.people.map(({ points, world }) => ({ points: [...points], world: [...world] }));
    return { ...sample, people };
  };
}"""


@dataclass(frozen=True)
class LiveSample:
    """One sample as `api/web/live/landmarks.js` defines it."""

    time_s: float
    width_px: int
    height_px: int
    brightness: float
    people: list[dict[str, list[float]]]
    roll_deg: float | None = None


@dataclass(frozen=True)
class GuideState:
    """What the guide shows after one sample."""

    time_s: float
    instruction: str | None
    is_good: bool
    yaw_deg: float | None
    angles: dict[str, float] | None
    action: str | None
    reps: int
    hold_s: float


@dataclass(frozen=True)
class SceneOutcome:
    """How right the guide was in a scene.

    Attributes
    ----------
    right_after_s : from when the condition begins to the right instruction, or to green; None where it never came.
    wrong_s : longest time for which one wrong instruction was shown.
    yaw_deg : median of the yaw.
    """

    right_after_s: float | None
    wrong_s: float
    yaw_deg: float | None

    @property
    def is_right(self) -> bool:
        """Return whether the right instruction came in time, and no wrong one stayed."""
        return self.right_after_s is not None and self.right_after_s <= RIGHT_WITHIN_S and self.wrong_s <= MAX_WRONG_S


def detect_people(frames: Frames, model: Path) -> list[LiveSample]:
    """Detect up to two people in frames, as the guide does in the browser."""
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model)), running_mode=vision.RunningMode.VIDEO, num_poses=2
    )
    samples = []
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        for time_s, image in frames:
            height, width = image.shape[:2]
            scale = min(LONGEST_SIDE_PX / max(width, height), 1.0)
            small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
            found = landmarker.detect_for_video(mp.Image(mp.ImageFormat.SRGB, small), round(time_s * 1000))
            people = [
                {
                    "points": [value for p in points for value in (p.x * width, p.y * height, p.visibility)],
                    "world": [value for p in world for value in (p.x, p.y, p.z)],
                }
                for points, world in zip(found.pose_landmarks, found.pose_world_landmarks, strict=True)
            ]
            brightness = float(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).mean())
            samples.append(LiveSample(time_s, width, height, brightness, people))
    return samples


def detect_people_in_browser(page: Page, frames: Frames) -> list[LiveSample]:
    """Detect people in frames with the page's own worker and pose model, one frame after the other."""
    page.evaluate(_START_WORKER)
    samples = []
    for time_s, image in frames:
        jpeg = base64.b64encode(cv2.imencode(".jpg", image[..., ::-1])[1].tobytes()).decode()
        picture = {"jpeg": jpeg, "time_s": time_s, "side_px": LONGEST_SIDE_PX}
        samples.append(LiveSample(**page.evaluate("(picture) => checkPicture(picture)", picture)))
    return samples


def run_guide(
    page: Page,
    samples: Iterable[LiveSample],
    movement: str = "auto",
    variant: str | None = None,
    *,
    is_tapped: bool = False,
) -> list[GuideState]:
    """Run the guide's own modules in the browser over samples; `is_tapped`: a tap starts filming at the first one."""
    options = {"movement": movement, "variant": variant, "is_tapped": is_tapped}
    states: list[dict[str, Any]] = page.evaluate(_GUIDE, {"samples": [asdict(one) for one in samples], **options})
    return [GuideState(**state) for state in states]


def film_in_browser(page: Page, duration_s: float, movement: str = "auto") -> list[GuideState]:
    """Run the guide with the browser's own camera and pose model; times are from the camera's start."""
    page.set_default_timeout(0)
    states: list[dict[str, Any]] = page.evaluate(_FILM, {"duration_s": duration_s, "movement": movement})
    return [GuideState(**state) for state in states]


def judge_scene(scene: Scene, states: Iterable[GuideState]) -> SceneOutcome:
    """Compare what the guide showed with what is right in a scene."""
    right_after_s: float | None = None
    wrong_s, wrong_since_s, last_wrong = 0.0, 0.0, None
    yaws = []
    for state in states:
        is_right = state.instruction in scene.expected if scene.expected else state.is_good
        if right_after_s is None and is_right and state.time_s >= scene.from_s:
            right_after_s = state.time_s - scene.from_s
        wrong = None if state.instruction in scene.expected | scene.allowed else state.instruction
        if wrong != last_wrong:
            last_wrong, wrong_since_s = wrong, state.time_s
        if wrong is not None:
            wrong_s = max(wrong_s, state.time_s - wrong_since_s)
        if state.yaw_deg is not None:
            yaws.append(state.yaw_deg)
    return SceneOutcome(right_after_s, wrong_s, sorted(yaws)[len(yaws) // 2] if yaws else None)
