"""Estimated time left, and the stages that it and the vocabulary know."""

from typing import get_args

import pytest

from analyzer.progress import ProgressStage
from analyzer.vocabulary.terms import PROGRESS_STAGE_TEXTS
from api.jobs.progress_reporter import _STAGE_TIME_SHARES, estimate_time_left_s

ANALYSIS_STAGES = [stage for stage in get_args(ProgressStage) if stage != "side by side"]


@pytest.mark.parametrize(
    ("stage", "done", "total", "elapsed_s", "left_s"),
    [
        ("tracking", 0, 100, 3.0, 7.0),  # three tenths are done
        ("tracking", 50, 100, 5.25, 4.75),  # 0.3 + 0.45 / 2
        ("video", 0, 100, 7.5, 2.5),
        ("writing the report", 1, 1, 10.0, 0.0),
        ("finding the person", 1, 10, 1.0, None),  # three hundredths: too early
        ("getting the model", 1, 10, 1.0, None),
        ("tracking", 0, 0, 3.0, 7.0),
    ],
)
def test_time_left(stage: ProgressStage, done: int, total: int, elapsed_s: float, left_s: float | None) -> None:
    estimate_s = estimate_time_left_s(stage, done, total, elapsed_s)
    assert estimate_s == (None if left_s is None else pytest.approx(left_s))


def test_shares_of_the_stages_add_up_to_the_whole_analysis() -> None:
    assert list(_STAGE_TIME_SHARES) == ANALYSIS_STAGES[1:]  # the model is usually there already
    assert sum(_STAGE_TIME_SHARES.values()) == pytest.approx(1)


def test_vocabulary_has_a_text_for_each_stage() -> None:
    assert list(PROGRESS_STAGE_TEXTS) == list(get_args(ProgressStage))
    assert all(PROGRESS_STAGE_TEXTS.values())
