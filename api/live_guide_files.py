"""The live guide's files on this machine: fetched in the background, and what the page is to load."""

import gzip
import hashlib
import logging
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

from analyzer.atomic_files import compute_sha256
from analyzer.errors import ModelError
from analyzer.pose.browser_pose_files import (
    ensure_browser_pose_files,
    load_browser_pose_manifest,
)
from analyzer.pose.model_store import check_model_files, ensure_model
from analyzer.settings import Settings

PREFIX = "/live-guide"
_RETRY_S = 600.0  # between two tries to fetch the files; chosen
_MODELS = ("full", "lite")  # the second one for phones that are slow with the first
_MEDIA_TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}

log = logging.getLogger("api.live_guide")


class LiveGuideAddresses(BaseModel):
    """Addresses of the files, relative to the service; each contains a hash of its content.

    Attributes
    ----------
    bundle, loader, wasm : the parts of MediaPipe Tasks for the web.
    models : pose models by name.
    """

    bundle: str
    loader: str
    wasm: str
    models: dict[str, str]


@dataclass(frozen=True)
class ServedFile:
    """A file as it is sent.

    Attributes
    ----------
    path : the file.
    media_type : its type.
    packed : a gzip copy, if there is one.
    """

    path: Path
    media_type: str
    packed: Path | None = None


@dataclass(frozen=True)
class LiveGuideSet:
    """Everything that the page's live guide needs."""

    addresses: LiveGuideAddresses
    files: dict[str, ServedFile]
    """By the part of the address below the prefix."""


@dataclass
class LiveGuideFiles:
    """Finds or fetches the files in a thread of its own; nothing waits for it.

    Parameters
    ----------
    settings : where models and files are cached.
    enabled : False: there is no live guide, and nothing is fetched.
    collect : returns the files, or raises ModelError; for tests.
    """

    settings: Settings
    enabled: bool = True
    collect: Callable[[Settings], LiveGuideSet] | None = None
    _set: LiveGuideSet | None = None
    _thread: threading.Thread | None = None
    _retry_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Start to collect the files, unless they are there, a try is under way, or the last one was just now."""
        with self._lock:
            is_busy = self._thread is not None and self._thread.is_alive()
            if not self.enabled or self._set is not None or is_busy or time.monotonic() < self._retry_at:
                return
            self._thread = threading.Thread(target=self._collect, name="live-guide", daemon=True)
            self._thread.start()

    def get(self) -> LiveGuideSet | None:
        """Return the files if they are there; otherwise start to collect them."""
        if self._set is None:
            self.start()
        return self._set

    def wait(self, limit_s: float) -> LiveGuideSet | None:
        """Return the files as soon as the try under way has ended."""
        if (thread := self._thread) is not None:
            thread.join(limit_s)
        return self._set

    def _collect(self) -> None:
        try:
            self._set = (self.collect or collect_live_guide_files)(self.settings)
        except ModelError as error:
            log.warning("no live guide while filming: %s", str(error).replace("\n", " "))
        except Exception:
            log.exception("the live guide's files could not be collected")
        self._retry_at = time.monotonic() + _RETRY_S


def collect_live_guide_files(settings: Settings) -> LiveGuideSet:
    """Find the files and the pose models, fetching what is missing; raise ModelError without them.

    The model `lite` is only used if it is there.
    """
    ensure_model("full", settings)
    pose_files = ensure_browser_pose_files(settings)
    files: dict[str, ServedFile] = {}
    addresses = {}
    for file in load_browser_pose_manifest().files:
        addresses[file.name] = address = f"{file.sha256[:16]}/{file.name}"
        path = pose_files.folder / file.name
        files[address] = ServedFile(path, _MEDIA_TYPES[path.suffix], _find_packed(path, file.sha256))
    models = {}
    for name in _MODELS:
        stored = next((one.path for one in check_model_files(settings) if one.name == name and one.state == "ok"), None)
        if stored is not None:
            models[name] = address = f"{compute_sha256(stored)[:16]}/{stored.name}"
            files[address] = ServedFile(stored, "application/octet-stream")
    return LiveGuideSet(
        LiveGuideAddresses(
            bundle=f"{PREFIX}/{addresses['vision_bundle.mjs']}",
            loader=f"{PREFIX}/{addresses['vision_wasm_module_internal.js']}",
            wasm=f"{PREFIX}/{addresses['vision_wasm_module_internal.wasm']}",
            models={name: f"{PREFIX}/{address}" for name, address in models.items()},
        ),
        files,
    )


def _find_packed(path: Path, sha256: str) -> Path | None:
    """Return the gzip copy of a file if it holds that file."""
    packed = path.with_name(f"{path.name}.gz")
    try:
        return packed if hashlib.sha256(gzip.decompress(packed.read_bytes())).hexdigest() == sha256 else None
    except (OSError, EOFError, zlib.error):  # gzip's own errors are OSErrors
        return None
