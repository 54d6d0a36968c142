"""What a clip's result follows: two that agree in it are the same, so a clip whose record agrees is done."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any

import analyzer
from analyzer._version import __version__
from analyzer.package_data import find_resource
from analyzer.request import AnalysisRequest
from analyzer.results.track_store import TRACK_SCHEMA
from analyzer.settings import Settings

_MEASURING = ("analysis", "clip", "coaching", "export", "kinematics", "load", "movements", "pose", "report", "results")
_MODELS = ("models/back_rounding.json", "models/movement_recognition.json")
_GROUP = "analyzer.movements"


@dataclass(frozen=True)
class ResultKey:
    """What is asked of one clip, and the digests of it that records are compared by.

    Attributes
    ----------
    track : what the pose model's work follows; while it is the same, a stored track serves.
    measure : what everything else follows: the request, the words, thresholds and code.
    limits : what a clip may be refused by.
    """

    request: AnalysisRequest
    video: bool
    blur_faces: bool
    track: str
    measure: str
    limits: str


def compute_result_key(request: AnalysisRequest, settings: Settings, *, video: bool, blur_faces: bool) -> ResultKey:
    """The digests of one request."""
    track = _digest(
        {"schema": TRACK_SCHEMA, "subject": request.subject, "model": request.model, "by": version("mediapipe")}
    )
    measure = _digest({"code": digest_measuring_code(), "request": asdict(request), "blur_faces": blur_faces})
    limits = _digest(settings.model_dump(include={"max_duration_s", "max_file_bytes", "max_frame_px"}))
    return ResultKey(request, video, blur_faces, track, measure, limits)


@cache
def digest_measuring_code() -> str:
    """Digest of all that turns a track into a result: code, words, page templates, and movements from elsewhere."""
    package = Path(analyzer.__file__).parent
    files = [path for name in _MEASURING for path in (package / name).rglob("*")]
    digest = hashlib.sha256(__version__.encode())
    for path in sorted(path for path in files if path.is_file() and "__pycache__" not in path.parts):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + _content(path))
    for name in _MODELS:
        digest.update(name.encode() + b"\0" + _content(find_resource(name)))
    others = ((one.name, one.value, one.dist.version if one.dist else "") for one in entry_points(group=_GROUP))
    digest.update(repr(sorted(others)).encode())
    return digest.hexdigest()[:16]


def _content(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def _digest(value: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]
