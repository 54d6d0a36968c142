"""A small picture of each clip for the page over all of them, taken from the clip's own report."""

import base64
import re
from pathlib import Path
from typing import Any

from analyzer.batch.record import THUMB_FILE
from analyzer.child import ClipJob, analyse
from analyzer.files import atomic_write
from analyzer.progress import Progress

_LONG_SIDE_PX = 192  # twice what the page shows, for fine screens; chosen
_QUALITY = 75  # chosen
_PICTURE = re.compile(rb"data:image/jpeg;base64,([A-Za-z0-9+/=]+)")


def analyse_with_thumb(job: ClipJob, progress: Progress) -> dict[str, Any]:
    """As `analyzer.child.analyse`, and the small picture beside the results."""
    brief = analyse(job, progress)
    write_thumb(job.folder)
    return brief


def write_thumb(folder: Path) -> None:
    """Write the report's first picture small; nothing where the report has none."""
    import cv2  # late: only the child needs it
    import numpy as np

    found = _PICTURE.search((folder / "report.html").read_bytes())
    if found is None:
        (folder / THUMB_FILE).unlink(missing_ok=True)
        return
    image = np.asarray(cv2.imdecode(np.frombuffer(base64.b64decode(found[1]), dtype=np.uint8), cv2.IMREAD_COLOR))
    height, width = image.shape[:2]
    scale = min(1.0, _LONG_SIDE_PX / max(height, width))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    _, jpeg = cv2.imencode(
        ".jpg", cv2.resize(image, size, interpolation=cv2.INTER_AREA), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    )
    with atomic_write(folder / THUMB_FILE) as temporary:
        temporary.write_bytes(jpeg.tobytes())
