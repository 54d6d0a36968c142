"""Write `repeatability.json` and `repeatability.html`."""

from pathlib import Path

from analyzer.atomic_files import atomic_folder
from analyzer.movements.minimal_detectable_change import RepeatSetting
from analyzer.repeatability.batch_results import read_batch_results
from analyzer.repeatability.build import build_repeatability
from analyzer.repeatability.page import render_repeatability_page
from analyzer.repeatability.repeats import FoundRepeats, find_repeats
from analyzer.repeatability.schema import Repeatability, RepeatabilityError

REPEATABILITY_FILES = ("repeatability.html", "repeatability.json")


_MAX_LISTED = 10  # reasons in an error message; chosen


def measure_batch_repeatability(results: Path, folder: Path, setting: RepeatSetting) -> Repeatability:
    """Compute the repeatability of the clips of a batch, and write both files.

    Parameters
    ----------
    results : output folder of the batch.
    folder : for the files; created if it does not exist.

    Raises
    ------
    RepeatabilityError : no repeats among the clips.
    """
    clips, without = read_batch_results(results)
    repeats = find_repeats(clips, setting, left_out=without)
    repeatability = build_repeatability(repeats, setting)
    if not repeatability.movements:
        raise RepeatabilityError(_describe_missing_repeats(repeats))
    with atomic_folder(folder, REPEATABILITY_FILES) as temporary:
        (temporary / REPEATABILITY_FILES[0]).write_text(render_repeatability_page(repeatability), encoding="utf-8")
        text = repeatability.model_dump_json(indent=2) + "\n"
        (temporary / REPEATABILITY_FILES[1]).write_text(text, encoding="utf-8")
    return repeatability


def _describe_missing_repeats(repeats: FoundRepeats) -> str:
    """Return that there are none, and why."""
    reasons = [f"  {line}" for line in repeats.left_out[:_MAX_LISTED]]
    more = len(repeats.left_out) - len(reasons)
    first = "no repeats found: expected the same client, movement, variant and load in two clips or more."
    return "\n".join([first, *reasons, *([f"  and {more} more"] if more > 0 else [])])
