"""The key of a clip's result: the request and digests of all that the result depends on.

A clip whose record has the same key is done.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from analyzer.request import AnalysisRequest
from analyzer.results.code_digest import digest_measuring_code
from analyzer.results.track_store import TRACK_SCHEMA
from analyzer.settings import Settings


@dataclass(frozen=True)
class ResultKey:
    """The request for one clip, and digests by which records are compared.

    Attributes
    ----------
    track_digest : of what tracking depends on; while it is the same, a stored track can be used.
    measure_digest : of all else: the request, words, thresholds and code.
    limits_digest : of the limits by which a clip may be refused.
    """

    request: AnalysisRequest
    video: bool
    blur_faces: bool
    track_digest: str
    measure_digest: str
    limits_digest: str


def compute_result_key(request: AnalysisRequest, settings: Settings, *, video: bool, blur_faces: bool) -> ResultKey:
    """Compute the key of one request."""
    track = _digest(
        {"schema": TRACK_SCHEMA, "subject": request.subject, "model": request.model, "by": version("mediapipe")}
    )
    measure = _digest({"code": digest_measuring_code(), "request": asdict(request), "blur_faces": blur_faces})
    limits = _digest(settings.model_dump(include={"max_duration_s", "max_file_bytes", "max_frame_px"}))
    return ResultKey(request, video, blur_faces, track, measure, limits)


def _digest(value: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]
