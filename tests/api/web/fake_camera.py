"""Browsers whose camera shows a film: Chromium plays a file of JPEG pictures, over and over, 30 a second."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
from playwright.sync_api import Browser

from tests.parts import find_browser

_JPEG_QUALITY = 85
_FPS = 30


def write_film(clip: Path, to: Path, *, still_before_s: float = 0, still_after_s: float = 0) -> Path:
    """Write a clip as a film for the camera; its first and last picture may stay for a while."""
    reader = cv2.VideoCapture(str(clip))
    pictures = []
    while (read := reader.read())[0]:
        pictures.append(cv2.imencode(".jpg", read[1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes())
    reader.release()
    before, after = (round(seconds * _FPS) for seconds in (still_before_s, still_after_s))
    to.write_bytes(b"".join(pictures[:1] * before + pictures + pictures[-1:] * after))
    return to


@contextmanager
def open_browser_filming(browser: Browser, film: Path) -> Iterator[Browser]:
    """Start another browser, whose camera shows the film."""
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    opened = browser.browser_type.launch(
        executable_path=find_browser(), args=["--no-sandbox", *camera, f"--use-file-for-fake-video-capture={film}"]
    )
    try:
        yield opened
    finally:
        opened.close()
