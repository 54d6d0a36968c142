"""A film sent as an animated GIF, from the file to the written result."""

import json
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from analyzer.analysis.outputs import OutputOptions, run_clip
from analyzer.clip.frame_reader import read_frames
from analyzer.clip.probe import open_clip
from analyzer.pose.model_store import ModelFile
from analyzer.request import AnalysisRequest
from analyzer.settings import Settings

STEP = 3  # of 30 frames a second: a GIF of 10


def test_a_hinge_in_a_gif_is_analysed_like_the_clip(samples: Path, pose_model: ModelFile, tmp_path: Path):
    clip = open_clip(samples / "hinge_neutral.mp4", Settings())
    shown = [(clip.times_s[i], Image.fromarray(a)) for i, a in read_frames(clip, step=STEP, size_px=(480, 270))]
    hundredths = np.array([round(100 * time_s) for time_s, _ in shown])
    hundredths[1::2] -= 3  # delays of 7 and 13 by turns
    delays_ms = [*(10 * np.diff(hundredths)).tolist(), 1000]
    (_, first), *rest = shown
    first.save(tmp_path / "hinge.gif", save_all=True, append_images=[a for _, a in rest], duration=delays_ms, loop=0)

    run_clip(
        tmp_path / "hinge.gif", AnalysisRequest(), Settings(), tmp_path / "out",
        OutputOptions(extras=True), lambda *_: None,
    )  # fmt: skip

    result = json.loads((tmp_path / "out" / "analysis.json").read_text(encoding="utf-8"))
    truth = json.loads((samples / "hinge_neutral.truth.json").read_text(encoding="utf-8"))
    assert result["movement"]["name"] == "hinge"
    assert len(result["reps"]) == len(truth["bounds_s"])
    for rep, true in zip(result["reps"], truth["bounds_s"], strict=True):
        assert true["bottom_start"] - 0.1 <= rep["bottom_s"] <= true["bottom_end"] + 0.1
    for name in ("annotated.mp4", "clip.mp4"):
        with av.open(str(tmp_path / "out" / name)) as container:
            times_s = [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]
            assert container.streams.video[0].codec_context.name == "h264"
        assert times_s == pytest.approx(hundredths / 100, abs=1e-3)
