"""Error texts of a job: the owner reads no paths of the server, and the log holds no name of a clip."""

import re
from pathlib import PurePosixPath

from analyzer.analysis.subprocess_runner import JobOutcome
from api.jobs.job_spec import JobSpec

_SHORTEST_NAME = 3  # letters of a name that is replaced inside other words too; chosen
_MACHINE_ERRORS = {
    "model": "The pose model is missing on the server. Its operator installs it with: analyzer models pull. Then send "
    "the clip again.",
    "disk_full": "The server has no space left; nothing is wrong with the clip. Send it again when its operator has "
    "made some.",
}
"""What the owner of a clip reads instead of the log's text, which holds paths of the server, by error code."""


def get_stored_name(spec: JobSpec) -> str:
    """Return the file name under which the clip is stored."""
    return spec.clip_url.rsplit("/", 1)[-1]


def format_error(spec: JobSpec, outcome: JobOutcome) -> str:
    """Return the error text of a job for the owner of the clip."""
    return _MACHINE_ERRORS.get(outcome.code, replace_stored_name(spec, outcome.text))


def replace_stored_name(spec: JobSpec, text: str) -> str:
    """Return an error text that names the clip as it was sent, which the page shows, in place of the stored file."""
    stored = f"{get_stored_name(spec)}: "
    sent = PurePosixPath(spec.clip_name).name  # a batch names its clips with their folders
    return f"{sent}: {text.removeprefix(stored)}" if text.startswith(stored) else text


def remove_clip_name(spec: JobSpec, text: str) -> str:
    """Return a text for the log without the clip's name, which is often the client's."""
    name = get_stored_name(spec)
    text, stem = text.replace(name, "CLIP"), name.rpartition(".")[0] or name
    if len(stem) >= _SHORTEST_NAME:
        return text.replace(stem, "CLIP")
    return re.sub(rf"(?<!\w){re.escape(stem)}(?!\w)", "CLIP", text)  # a letter is also part of other words
