"""Results of people who were filmed twice, and the folder of a batch with them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from analyzer.batch.clip_facts import FactsRow
from analyzer.batch.clip_record import ClipRecord, get_result_folder, mark_result_folder, write_record
from analyzer.batch.result_entries import list_entries
from analyzer.batch.summary_files import write_summary
from analyzer.repeatability.repeats import RepeatClip
from analyzer.results.schema import Analysis, KeyMeasure
from tests.compare.results import rep, result


def make_hinge(folds_deg: Sequence[float], name: str, ascent_s: float = 1.2, **more) -> Analysis:
    """A hinge with these folds of its reps, their median as key measure, and the time up."""
    reps = [rep(i, ascent_s, trunk_thigh_deg=fold) for i, fold in enumerate(folds_deg, start=1)]
    reps = [
        one.model_copy(update={"measures": {"trunk_thigh_deg": fold, "trunk_deg": fold - 20}})
        for one, fold in zip(reps, folds_deg, strict=True)
    ]
    fold = KeyMeasure(
        id="hinge.fold",
        label="Trunk-thigh",
        value=float(np.median(folds_deg)),
        unit="deg",
        interval_80=None,
        per_rep=list(folds_deg),
    )
    up = KeyMeasure(
        id="hinge.ascent", label="Time up", value=ascent_s, unit="s", interval_80=None, per_rep=[ascent_s] * len(reps)
    )
    return result(*reps, name=name, **more).model_copy(update={"key_measures": [fold, up]})


def make_clip(client: str, number: int, folds_deg: Sequence[float], date: str | None = None, **more) -> RepeatClip:
    file = f"{client}{number}.mp4"
    return RepeatClip(file, client, date, make_hinge(folds_deg, file, **more))


def make_pairs(values: Sequence[tuple[float, float]]) -> list[RepeatClip]:
    """One person a pair of folds; each clip has three reps, a degree apart."""
    return [
        make_clip(f"p{person:02d}", number, [fold - 1, fold, fold + 1])
        for person, pair in enumerate(values)
        for number, fold in enumerate(pair, start=1)
    ]


def draw_pairs(people: int, sem_deg: float, seed: int = 3) -> list[tuple[float, float]]:
    rng = np.random.default_rng(seed)
    levels = 90 + 12 * rng.standard_normal(people)
    return [(float(a), float(b)) for a, b in levels[:, None] + sem_deg * rng.standard_normal((people, 2))]


def write_batch(out: Path, clips: Sequence[RepeatClip], repeat_marks: dict[str, str] | None = None) -> Path:
    """Write the output folder of a batch that holds these results."""
    mark_result_folder(out)
    facts = {}
    for clip in clips:
        folder = get_result_folder(out, clip.file)
        record = ClipRecord(clip.file, clip.analysis.clip.sha256, (1, 1, 1), "done", "t", "m", "l", False, "t")
        write_record(folder, record)
        (folder / "analysis.json").write_text(clip.analysis.model_dump_json(), encoding="utf-8")
        more = {"repeat": repeat_marks[clip.file]} if repeat_marks and clip.file in repeat_marks else {}
        facts[clip.file] = FactsRow(client=clip.client or None, date=clip.date, more=more)
    write_summary(list_entries(sorted(facts), facts, out), out)
    return out
