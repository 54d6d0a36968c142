"""Time left, from the shares that the stages take."""

import pytest

from api.jobs.progress_reporter import estimate_time_left_s


@pytest.mark.parametrize(
    ("stage", "done", "total", "elapsed_s", "left_s"),
    [
        ("tracking", 0, 100, 3.0, 7.0),  # three tenths are behind it
        ("tracking", 50, 100, 5.25, 4.75),  # 0.3 + 0.45 / 2
        ("video", 0, 100, 7.5, 2.5),
        ("writing the report", 1, 1, 10.0, 0.0),
        ("finding the person", 1, 10, 1.0, None),  # three hundredths: too soon to tell
        ("getting the model", 1, 10, 1.0, None),
        ("tracking", 0, 0, 3.0, 7.0),
    ],
)
def test_time_left(stage: str, done: int, total: int, elapsed_s: float, left_s: float | None) -> None:
    told = estimate_time_left_s(stage, done, total, elapsed_s)
    assert told == (None if left_s is None else pytest.approx(left_s))
