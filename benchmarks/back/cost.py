"""What the line of the back costs: processor time of an analysis with it and without, in turn, on one 1080p clip.

    python -m benchmarks.back.cost [CLIP] [--pairs 5]

Without CLIP, the rendered sample is enlarged to 1920x1080 and repeated to 23 s. "Without" asks the pose model for no
masks and measures no outline; everything else is the same. No pictures and no video: they would hide the difference.
"""

import argparse
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from analyzer.analysis.pipeline import analyze_clip
from analyzer.pose import tracking
from analyzer.pose.landmarker import VideoLandmarker
from analyzer.request import AnalysisRequest
from analyzer.settings import Settings
from benchmarks.memory import make_repeated_sample


def cpu_seconds(clip: Path, back: bool) -> float:
    """Return the processor time of one analysis, all threads together."""
    with ExitStack() as stack:
        if not back:
            stack.enter_context(
                patch.object(tracking, "VideoLandmarker", lambda model, outlines=False: VideoLandmarker(model))
            )
            stack.enter_context(patch("analyzer.analysis.body_fit.clean_profile", return_value=None))
        began = time.process_time()
        analyze_clip(clip, AnalysisRequest(), Settings(), lambda *_: None)
        return time.process_time() - began


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", nargs="?", type=Path)
    parser.add_argument("--pairs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clip = arguments.clip
        if clip is None:
            clip = Path(folder) / "hinge_1080p.mp4"
            make_repeated_sample(clip, 1920, 1080, "libx264", "yuv420p", 23)
        cpu_seconds(clip, back=True)  # what is loaded once
        ratios = []
        for pair in range(arguments.pairs):
            order = (True, False) if pair % 2 else (False, True)
            spent = {back: cpu_seconds(clip, back) for back in order}
            ratios.append(spent[True] / spent[False])
            print(f"with {spent[True]:5.1f} s, without {spent[False]:5.1f} s of processor time: {ratios[-1]:.3f}")
    print(f"median {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f}; wanted 1.15 at most")


if __name__ == "__main__":
    main()
