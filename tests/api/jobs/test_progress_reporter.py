"""Estimated time left, and the stages that it and the page know."""

from pathlib import Path
from typing import get_args

import pytest

from analyzer.progress import ProgressStage
from api.jobs.progress_reporter import _STAGE_TIME_SHARES, estimate_time_left_s

PAGE_MESSAGES = Path(__file__).resolve().parents[3] / "api" / "web" / "text" / "messages.js"
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


@pytest.mark.parametrize("stage", ANALYSIS_STAGES)
def test_page_has_a_title_for_each_stage_of_an_analysis(stage: str) -> None:
    titles = PAGE_MESSAGES.read_text(encoding="utf-8").partition("stages: {")[2].partition("}")[0]
    assert f'"{stage}":' in titles or f" {stage}:" in titles
