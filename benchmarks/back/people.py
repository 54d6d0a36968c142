"""Rendered people as the analyzer sees them, beside their true spines."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analyzer.analysis.track_analysis import analyze_track
from analyzer.kinematics.back_features import baseline_outline
from analyzer.kinematics.back_occlusion import find_arm_occlusion
from analyzer.kinematics.back_outline import DorsalOutline, largest_profile_step
from analyzer.kinematics.back_rounding import LIMITS, compute_back_observations
from analyzer.kinematics.baseline_posture import BaselinePosture
from analyzer.kinematics.landmarks import near_far_sides
from analyzer.pose.track_cleaning import clean_profile
from analyzer.report.analyzed_clip import AnalyzedClip
from analyzer.request import AnalysisRequest
from analyzer.settings import Settings
from benchmarks.back.scenarios import Scenario
from benchmarks.back.tracks import load_or_track

BOTTOM_PHASE = 0.97  # the bottom of a rendered rep, or its held stage: this share of the way


@dataclass(frozen=True)
class RenderedPerson:
    """A rendered clip.

    Attributes
    ----------
    work : what the analyzer made of it, its back line included.
    features : (T, F) as the fit sees them; NaN in frames that are not usable.
    doubts : (T, S) variance from occlusion, as `compute_back_observations` returns it.
    bend_deg : (T,) true lumbar + thoracic flexion beyond that of the tall frames.
    deep : (T,) True at the bottom of the rep or in the held stage.
    baseline_outline : outline in the tall frames, as `back_features.baseline_outline` gives it.
    """

    name: str
    folder: str
    work: AnalyzedClip
    scenario: Scenario
    features: np.ndarray
    doubts: np.ndarray
    bend_deg: np.ndarray
    deep: np.ndarray
    baseline_outline: np.ndarray

    @property
    def kind(self) -> str:
        """Return how the baseline posture is held."""
        return self.work.back.baseline if self.work.back else "flattest"

    @property
    def is_leg_hidden(self) -> bool:
        """Return whether the near hip is hidden in any frame."""
        near, _ = near_far_sides(self.work.view.facing)
        return bool(self.work.table.is_hidden[:, near.hip].any())

    @property
    def movement(self) -> str:
        """Return the movement of the scenario."""
        return str(self.scenario["movement"])

    @property
    def yaw_deg(self) -> float:
        """Return the absolute yaw of the camera, degrees."""
        return abs(float(self.scenario["camera"]["yaw"]))

    @property
    def loose(self) -> bool:
        """Return whether the clothes are loose."""
        return bool((self.scenario["look"].get("top") or {}).get("loose"))

    @property
    def arms(self) -> str:
        """Return what the arms do."""
        return str(self.scenario["arms"])


def load_people(clips: Path, track_folder: Path) -> list[RenderedPerson]:
    """Load all people of a folder of rendered clips that can be analysed; `track_folder` holds their tracks."""
    people = []
    for path in sorted(clips.glob("*.truth.json")):
        name = path.name.removesuffix(".truth.json")
        try:
            people.append(_person(clips / f"{name}.mp4", path, track_folder))
        except Exception as error:
            print(f"{name}: left out: {error}")
    return people


def _person(clip: Path, truth_path: Path, track_folder: Path) -> RenderedPerson:
    facts, given = load_or_track(clip, track_folder, Settings())
    work = analyze_track(facts, given, AnalysisRequest())
    truth = json.loads(truth_path.read_text())
    times_s = work.track.times_s
    at_s = np.array([frame["t"] for frame in truth["frames"]])

    def true(name: str) -> np.ndarray:
        """Interpolate a true angle at the times of the track."""
        return np.interp(times_s, at_s, [frame[name] for frame in truth["frames"]])

    back = work.back
    assert back is not None
    tall = back.is_baseline if back.is_baseline.any() else select_tall_frames(work.table.baseline, len(times_s))
    lumbar, thoracic = (true(name) - np.median(true(name)[tall]) for name in ("lumbar_flexion", "thoracic_flexion"))
    profile = clean_profile(given.raw, work.view.facing, times_s, work.analysis.provenance.settings["cutoff_hz"])
    assert profile is not None
    outline = DorsalOutline(profile, work.track.points_px, work.view.facing)
    step = np.nan_to_num(largest_profile_step(profile), nan=np.inf)
    usable = ~find_arm_occlusion(outline) & (step <= LIMITS.max_outline_step)
    features, doubts = compute_back_observations(outline, work.table.unfiltered, tall)
    features[~usable] = np.nan
    return RenderedPerson(
        clip.stem,
        clip.parent.name,
        work,
        truth["scenario"],
        features,
        doubts,
        lumbar + thoracic,
        true("phase") > BOTTOM_PHASE,
        baseline_outline(profile, tall),
    )


def select_tall_frames(reference: BaselinePosture | None, frames: int) -> np.ndarray:
    """Select the frames of the baseline posture; the first tenth of the clip where there is none."""
    return reference.frames if reference else np.arange(frames) < frames / 10
