"""Track: detect people, choose the subject and follow them with the pose model."""

from dataclasses import replace
from importlib.metadata import version

import numpy as np

from analyzer.analysis.thread_count import choose_thread_count
from analyzer.clip.probe import Clip
from analyzer.errors import ClipError
from analyzer.pose.camera_roll import estimate_roll_deg
from analyzer.pose.model_store import ensure_model
from analyzer.pose.person_detection import detect_people
from analyzer.pose.subject_selection import select_subject
from analyzer.pose.tracking import track_subject
from analyzer.process_memory import release_memory
from analyzer.progress import ProgressCallback
from analyzer.request import FILMING_ADVICE, AnalysisRequest
from analyzer.results.track_store import TrackedClip
from analyzer.settings import POSE_MODELS, Settings


def track_clip(
    clip: Clip, request: AnalysisRequest, settings: Settings, progress: ProgressCallback, *, is_core_busy: bool = False
) -> TrackedClip:
    """Choose the subject and track them with the first pose model of the request: the only step that needs a model.

    Parameters
    ----------
    is_core_busy : whether another process uses a core at first: people are then searched for in one thread.

    Raises
    ------
    ClipError : no person was found.
    ModelError : the pose model is not available.
    UnknownMovementError : no movement has the requested name.
    """
    if request.movement != "auto":
        from analyzer.movements.registry import get_movement  # late: loads SciPy

        get_movement(request.movement)  # an unknown name fails before the clip is read
    models = [
        ensure_model(name, settings, lambda _, done, total: progress("getting the model", done, total or done))
        for name in POSE_MODELS[request.model]  # all of them: a missing one is an error before the clip is read
    ]
    model = models[0]
    threads = choose_thread_count(clip, settings)
    samples = detect_people(clip, model.path, threads, progress, first_threads=1 if is_core_busy else threads)
    release_memory()
    subject = select_subject(samples, clip.width_px, clip.height_px, request.subject)
    if subject is None:
        raise ClipError(clip.name, "no person found", FILMING_ADVICE)
    edges = [sample.edges for sample in samples if sample.edges is not None]
    roll = estimate_roll_deg(np.concatenate(edges), len(edges)) if edges else None
    raw = track_subject(clip, subject, model.path, threads, progress)
    release_memory()
    return TrackedClip(
        clip.sha256,
        request.subject,
        model.name,
        model.sha256,
        version("mediapipe"),
        replace(subject, reach_px=None),  # as a stored track has it, so that measuring it again gives the same files
        raw,
        roll,
    )
