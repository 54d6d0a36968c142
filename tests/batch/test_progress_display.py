"""Progress output of a batch."""

import json

from rich.console import Console

from analyzer.batch.batch_events import BatchEnded, BatchStarted, ClipFinished, ClipProgress
from analyzer.batch.progress_display import (
    BatchCounters,
    describe_batch_end,
    json_event_writer,
    log_event_writer,
    show_live_progress,
)

STARTED = BatchStarted(10, 8, 1, 1, 3, 2, "out", ("clips.csv line 2: x is no clip of this folder",))


def finished(file: str, status="analysed", text="", **more) -> ClipFinished:
    return ClipFinished(1, file, status, 3.14159, text=text, **more)


def test_pace_and_time_left():
    now = [100.0]
    counters = BatchCounters(clock=lambda: now[0])
    counters.record_event(STARTED)
    assert (counters.clips_per_minute, counters.remaining_s, counters.failed) == (None, None, 1)
    now[0] = 130.0
    counters.record_event(finished("a"))
    assert counters.clips_per_minute == 2 and counters.remaining_s is None  # one clip is too few for an estimate
    now[0] = 160.0
    counters.record_event(finished("b", "failed"))
    assert (counters.clips_per_minute, counters.remaining_s, counters.failed) == (2, 180, 2)  # six more at two a minute


def test_json_lines_are_one_object_each_and_throttled():
    now, lines = [0.0], []
    tell = json_event_writer(lines.append, lambda: now[0])
    tell(STARTED)
    for done in range(50):
        now[0] += 0.1
        tell(ClipProgress(1, "ü.mp4", "tracking", done, 50))
    tell(ClipProgress(1, "ü.mp4", "writing", 0, 1))
    tell(finished("ü.mp4", brief={"reps": 2}))
    tell(finished("b.mp4", "failed", "b.mp4: is\nempty.", code="clip"))
    tell(BatchEnded(10, 8, 2, 0, 12.3456, "out", ("out/index.html",), (("b.mp4", "b.mp4: is empty."),)))
    events = [json.loads(line) for line in lines]
    assert all("\n" not in line for line in lines)
    assert [one["event"] for one in events] == ["started", *["progress"] * 6, "done", "failed", "summary"]
    assert events[0]["to_do"] == 8 and events[0]["clips"] == 10
    assert events[-3] == {
        "event": "done", "worker": 1, "file": "ü.mp4", "status": "analysed", "seconds": 3.14, "brief": {"reps": 2},
    }  # fmt: skip
    assert (events[-2]["code"], events[-2]["text"]) == ("clip", "b.mp4: is\nempty.")
    assert events[-1]["failures"] == [{"file": "b.mp4", "reason": "b.mp4: is empty."}]


def test_plain_progress_lines_have_counts():
    lines = []
    tell = log_event_writer(lines.append)
    tell(STARTED)
    tell(ClipProgress(1, "a.mp4", "tracking", 1, 2))
    tell(finished("a.mp4"))
    tell(finished("b.mp4", "failed", "b.mp4: is empty."))
    assert lines == [
        "10 clips in all, 1 done before, 1 not analysed before (--retry-failed tries again), 8 to do with 2 workers",
        "Left out: 3 files that are no video",
        "Note: clips.csv line 2: x is no clip of this folder",
        "[1/8] a.mp4: analysed in 3.1 s",
        "[2/8] b.mp4: is empty.",
    ]


def test_live_display_has_one_line_per_worker_and_lists_failures():
    console = Console(force_terminal=True, width=100, record=True, legacy_windows=False)
    with show_live_progress(console) as tell:
        tell(STARTED)
        tell(ClipProgress(1, "anna/[hinge].mp4", "tracking", 30, 60))
        tell(ClipProgress(2, "ben/plank.mp4", "drawing", 1, 4))
        tell(finished("c.mp4", "failed", "c.mp4: is empty."))
        console.print("")
    text = console.export_text()
    assert "Not analysed: c.mp4: is empty." in text and "1/8 clips" in text and "2 not analysed" in text
    assert "drawing 25 %" in text and "ben/plank.mp4" in text


def test_summary_lists_failures_and_the_output_folder():
    failures = tuple((f"{number}.mp4", f"{number}.mp4: is empty.") for number in range(12))
    lines = list(
        describe_batch_end(BatchEnded(20, 5, 12, 3, 1.0, "out", ("out/summary.csv", "out/index.html"), failures))
    )
    assert lines[0] == "5 clips done, 12 not analysed, 3 still to do"
    assert lines[1] == "  0.mp4: is empty." and lines[-2] == "  and 2 more: see summary.csv"
    assert lines[-1] == "Open: out/index.html"
