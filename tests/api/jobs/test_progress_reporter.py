"""Estimated time left, the stages that it and the vocabulary know, and how often the database is asked."""

import threading
from contextlib import nullcontext
from types import SimpleNamespace
from typing import get_args

import pytest

from analyzer.progress import ProgressStage
from analyzer.vocabulary.terms import PROGRESS_STAGE_TEXTS
from api.jobs import progress_reporter
from api.jobs.progress_reporter import _STAGE_TIME_SHARES, ProgressReporter, estimate_time_left_s

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


class Clock:
    """Stands for the module `time`: it goes on only when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress_reporter, "time", clock)
    return clock


def make_reporter(checks: list[bool]) -> ProgressReporter:
    """A reporter whose checks of the row have these answers, one after the other."""
    session = SimpleNamespace(get=lambda *_: object())
    database = SimpleNamespace(session=nullcontext, read_session=lambda: nullcontext(session))
    return ProgressReporter(database, "ana_1", lambda _: checks.pop(0), threading.Event())


def test_progress_within_a_stage_is_written_every_half_second(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[tuple[str, int]] = []
    monkeypatch.setattr(
        progress_reporter.analyses,
        "update_progress",
        lambda _session, _id, stage, done, _total, _eta_s: written.append((stage, done)) or True,
    )
    reporter = make_reporter([])
    for done in range(15):
        reporter.progress("tracking", done, 14)
        clock.now_s += 0.125
    reporter.progress("video", 0, 10)
    assert written == [("tracking", done) for done in (0, 4, 8, 12, 14)] + [("video", 0)]


def test_cancel_is_detected_within_a_second(clock: Clock) -> None:
    checks = [True, False]
    reporter = make_reporter(checks)
    detected = []
    for _ in range(12):
        clock.now_s += 0.25
        detected.append(reporter.cancelled())
    assert detected == [False] * 7 + [True] * 5  # checked after one second, and after two
    assert checks == []
