import numpy as np

from analyzer.report.video.clock_caption import build_clock_captions
from analyzer.results.schema import Hold, Stage


def notes_at(analysis, *times_s):
    return build_clock_captions(analysis, np.array(times_s))


def test_the_counter_shows_progress_pauses_between_reps_and_marks_the_bottom(lifted):
    assert notes_at(lifted, 0.1, 0.5, 0.92, 1.0, 1.9) == [
        ("rep 1 of 2", False),
        ("rep 1 of 2: bottom", True),
        ("1 of 2 done", False),
        ("rep 2 of 2", False),
        ("part of a rep: bottom", True),
    ]
    assert notes_at(lifted, 5.0) == [("2 of 2 done", False)]


def test_a_hold_shows_its_seconds_and_a_stage_its_name(analysis):
    analysis.holds = [Hold(index=1, start_s=1, end_s=4, duration_s=3, in_zone_s=None)]
    analysis.stages = [Stage(name="toes_up", start_s=6, end_s=7, side="near")]
    assert notes_at(analysis, 0, 3.2, 6.5) == [
        ("", False),
        ("hold 2\N{NO-BREAK SPACE}s", False),
        ("toes up, near leg", False),
    ]
