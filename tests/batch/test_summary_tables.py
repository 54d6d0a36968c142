"""The tables over all clips."""

import csv
import io
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from analyzer.batch.clip_facts import FactsRow
from analyzer.batch.result_entries import BatchEntry
from analyzer.batch.summary_files import write_summary
from analyzer.batch.summary_tables import SUMMARY_COLUMNS, build_batch_tables, list_columns
from analyzer.movements.stored_key_measures import complete_key_measures
from analyzer.results.schema import Finding, Hold, Stage
from tests.compare.results import rep, result


def make_entry(file: str, analysis=None, facts=None, **more) -> BatchEntry:
    state = "done" if analysis is not None else more.pop("state", "failed")
    return BatchEntry(
        file,
        facts or FactsRow(),
        state,
        more.pop("sha256", file),
        f"clips/{file}",
        load_analysis=lambda: analysis,
        **more,
    )


def make_folds(*degrees: float, **more):
    reps = [rep(i, trunk_thigh_deg=one) for i, one in enumerate(degrees, start=1)]
    measured = [one.model_copy(update={"measures": one.at_bottom}) for one in reps]
    return complete_key_measures(result(*measured, **more))


def plank():
    holds = [
        Hold(index=1, start_s=0, end_s=12, duration_s=12, in_zone_s=9, angles={"body_line_deg": 3.0}),
        Hold(index=2, start_s=20, end_s=50, duration_s=30, in_zone_s=None, angles={"body_line_deg": 5.0}),
    ]
    return result(movement="plank").model_copy(update={"holds": holds})


def slump():
    stages = [Stage(name="tall_sit", start_s=0, end_s=2, angles={"trunk_inclination_deg": 2.0})]
    return result(movement="slump").model_copy(update={"stages": stages})


def build_rows(*entries: BatchEntry):
    return build_batch_tables(entries).summary


# ---- key measures and their changes


def make_dated(file: str, date: str, *degrees: float, client="Anna", load_kg=None, sha256="", **more) -> BatchEntry:
    analysis = make_folds(*degrees, name=file, load_kg=load_kg, **more)
    return make_entry(file, analysis, FactsRow(client=client, date=date, load_kg=load_kg), sha256=sha256 or file)


def test_every_key_measure_is_a_row_with_its_change_since_the_last_clip():
    tables = build_batch_tables(
        [
            make_dated("c.mp4", "2026-03-20", 97),  # by date the last
            make_dated("a.mp4", "2026-03-02", 70, 71, 72),
            make_dated("b.mp4", "2026-03-09", 83, 84, 85),
        ]
    )
    folds = {row["file"]: row for row in tables.key_measures if row["key_measure"] == "hinge.fold"}
    names = ("value", "n", "change", "least_change", "clear", "changes_since", "changes_since_clip")
    # Another day, 3 v 3: 11 degrees; 3 v 1, with too few reps for the own spread: 3 degrees of spread,
    # 1.96 * sqrt(3^2 / 3 + 3^2 + 2 * 3.5^2) = 11.841.
    assert [folds["a.mp4"].get(name) for name in names] == [71, 3, None, None, None, None, None]
    assert [folds["b.mp4"][name] for name in names] == [84, 3, 13, 11, True, "2026-03-02", "a.mp4"]
    assert [folds["c.mp4"][name] for name in names] == [97, 1, 13, 11.841, True, "2026-03-09", "b.mp4"]
    assert list_columns("key_measures", tables.key_measures)[:7] == [
        "file", "client", "date", "load_kg", "movement", "key_measure", "label",
    ]  # fmt: skip
    by_file = {row["file"]: row for row in tables.summary}
    assert by_file["a.mp4"]["key_changes"] is None
    assert by_file["b.mp4"]["key_changes"] == "Trunk-thigh: +13°; Time up: no clear change (0.0\N{NO-BREAK SPACE}s)"
    assert (by_file["b.mp4"]["changes_since"], by_file["b.mp4"]["changes_since_clip"]) == ("2026-03-02", "a.mp4")


@pytest.mark.parametrize(
    "earlier",
    [
        make_dated("a.mp4", "2026-03-02", 70, client="Ben"),
        make_dated("a.mp4", "", 70),
        make_dated("a.mp4", "2026-03-02", 70, load_kg=0),
        make_dated("a.mp4", "2026-03-02", 70, variant="sumo"),
        make_dated("a.mp4", "2026-03-02", 70, movement="squat"),
        make_dated("a.mp4", "2026-03-02", 70, sha256="b.mp4"),
    ],
    ids=["client", "no date", "no load", "stance", "movement", "same content"],
)
def test_changes_are_of_one_client_and_exercise(earlier):
    table_rows = build_rows(earlier, make_dated("b.mp4", "2026-04-02", 95, load_kg=20))
    assert [row["key_changes"] for row in table_rows] == [None, None]


# ---- what is in them


def test_row_of_a_clip_with_reps():
    cut_off = rep(9, trunk_thigh_deg=20.0).model_copy(update={"complete": False})
    analysis = make_folds(80, 84, 91)
    analysis = analysis.model_copy(
        update={
            "reps": [*analysis.reps, cut_off],
            "findings": [
                Finding(id="a", kind="can", text="You hinge."),
                Finding(id="b", kind="next", text="Next: further.", cue="Tap the wall.", try_="Wall taps."),
            ],
        }
    )
    (row,) = build_rows(
        make_entry("a.mp4", analysis, FactsRow(client="Anna", date="2026-03-02", load_kg=40, note="fine"))
    )
    assert (row["reps"], row["reps_cut_off"], row["holds"], row["stages"]) == (3, 1, 0, 0)
    assert (row["main_angle"], row["main_angle_deg"], row["trunk_thigh_deg"]) == ("trunk_thigh_deg", 84, 84)
    assert row["main_angle_sd_deg"] == pytest.approx(5.568)  # of 80, 84 and 91
    assert (row["down_s"], row["up_s"]) == (1.0, 1.0)
    assert (row["can"], row["next"], row["cue"], row["try"]) == (
        "You hinge.", "Next: further.", "Tap the wall.", "Wall taps.",
    )  # fmt: skip
    assert (row["client"], row["date"], row["load_kg"], row["note"]) == ("Anna", "2026-03-02", 40, "fine")


def test_row_of_a_clip_with_holds_has_the_longest():
    (row,) = build_rows(make_entry("a.mp4", plank()))
    assert (row["holds"], row["longest_hold_s"], row["in_own_zone_s"]) == (2, 30, None)
    assert (row["main_angle"], row["main_angle_deg"]) == ("body_line_deg", 4)


def test_stages_are_separate_postures_without_a_median():
    (row,) = build_rows(make_entry("a.mp4", slump()))
    assert (row["stages"], row["main_angle_deg"], row["trunk_inclination_deg"]) == (1, None, None)


def test_a_failed_clip_is_a_row_with_its_reason():
    failed, waiting = build_rows(
        make_entry("a.mp4", code="clip", reason="a.mp4: is empty.", facts=FactsRow(client="Anna", movement="hinge")),
        make_entry("b.mp4", state="waiting"),
    )
    assert (failed["state"], failed["code"], failed["reason"]) == ("failed", "clip", "a.mp4: is empty.")
    assert (failed["client"], failed["movement"], failed["reps"]) == ("Anna", "hinge", None)
    assert waiting["state"] == "waiting"


def test_every_rep_hold_and_stage_is_a_row_that_starts_with_its_clip():
    facts = FactsRow(client="Anna", date="2026-03-02", load_kg=40)
    tables = build_batch_tables(
        [make_entry("a.mp4", make_folds(80, 84), facts), make_entry("b.mp4", plank()), make_entry("c.mp4", slump())]
    )
    assert [(row["file"], row["client"], row["index"], row["bottom_trunk_thigh_deg"]) for row in tables.reps] == [
        ("a.mp4", "Anna", 1, 80),
        ("a.mp4", "Anna", 2, 84),
    ]
    assert [row["duration_s"] for row in tables.holds] == [12, 30]
    assert [row["name"] for row in tables.stages] == ["tall_sit"]
    assert list_columns("reps", tables.reps)[:5] == ["file", "client", "date", "load_kg", "movement"]


def test_quantities_have_mean_spread_and_minimal_detectable_change():
    quantities = {
        row["quantity"]: row for row in build_batch_tables([make_entry("a.mp4", make_folds(80, 84, 91))]).quantities
    }
    fold = quantities["hinge.trunk_thigh_deg"]
    assert (fold["n"], fold["mean"], fold["sd"], fold["unit"]) == (3, 85, 5.568, "deg")
    assert fold["least_change_other_day"] == 11  # sources 5


def test_the_same_content_names_the_first():
    table_rows = build_rows(
        *(make_entry(file, make_folds(80), sha256="s") for file in ("a.mp4", "b.mp4", "c.mp4")),
        make_entry("d.mp4", make_folds(1)),
    )
    assert [row["same_content_as"] for row in table_rows] == [None, "a.mp4", "a.mp4", None]


def test_extra_columns_are_copied_to_the_tables():
    table_rows = build_rows(
        make_entry("a.mp4", make_folds(80), FactsRow(more={"group": "control"})), make_entry("b.mp4", make_folds(80))
    )
    assert list_columns("summary", table_rows) == [*SUMMARY_COLUMNS, "given_group"]


# ---- as files


@pytest.fixture
def entries() -> list[BatchEntry]:
    return [
        make_entry(
            "a ü.mp4", make_folds(80.12345, 84), FactsRow(client="=HYPERLINK(1)", date="2026-03-02", load_kg=40)
        ),
        make_entry("b.mp4", plank()),
        make_entry("bad.mp4", reason="bad.mp4: is empty, and\nso on.", code="clip"),
        make_entry("c.mp4", slump()),
    ]


def test_csv_parquet_and_workbook_have_the_same_values(entries, tmp_path: Path):
    tables, names = write_summary(entries, tmp_path)
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
    plain = list(csv.DictReader(io.StringIO((tmp_path / "summary.csv").read_text(encoding="utf-8"))))
    frame = pd.read_parquet(tmp_path / "summary.parquet")
    book = load_workbook(tmp_path / "summary.xlsx")
    assert book.sheetnames == ["summary", "key_measures", "reps", "holds", "stages", "quantities"]
    cells = [[cell.value for cell in row] for row in book["summary"].iter_rows()]
    assert list(plain[0]) == list(frame.columns) == cells[0] == list(SUMMARY_COLUMNS)
    assert [row["file"] for row in plain] == list(frame["file"]) == [row[0] for row in cells[1:]]
    angle = SUMMARY_COLUMNS.index("main_angle_deg")
    assert plain[0]["main_angle_deg"] == "82.062" and frame["main_angle_deg"][0] == 82.062 == cells[1][angle]
    assert plain[2]["main_angle_deg"] == "" and pd.isna(frame["main_angle_deg"][2]) and cells[3][angle] is None
    assert plain[2]["reason"] == "bad.mp4: is empty, and\nso on."
    assert book["reps"].max_row == 3 and book["holds"].max_row == 3 and book["stages"].max_row == 2
    assert len(tables.summary) == 4


def test_texts_that_look_like_formulas_are_escaped(entries, tmp_path):
    write_summary(entries, tmp_path)
    row = next(csv.DictReader(io.StringIO((tmp_path / "summary.csv").read_text(encoding="utf-8"))))
    assert row["client"] == "'=HYPERLINK(1)"
    assert load_workbook(tmp_path / "summary.xlsx")["summary"]["B2"].value == "'=HYPERLINK(1)"
    assert pd.read_parquet(tmp_path / "summary.parquet")["client"][0] == "=HYPERLINK(1)"


def test_column_types_do_not_depend_on_results(tmp_path):
    for name, entries in (
        ("some", [make_entry("a.mp4", make_folds(80))]),
        ("none", [make_entry("a.mp4", reason="no")]),
    ):
        (tmp_path / name).mkdir()
        write_summary(entries, tmp_path / name)
    schemas = [pq.read_schema(tmp_path / name / "summary.parquet") for name in ("some", "none")]
    assert schemas[0].equals(schemas[1]) and set(schemas[0].names) == set(SUMMARY_COLUMNS)


def test_tables_are_reproducible_and_contain_no_timestamp(entries, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        folder.mkdir()
        write_summary(entries, folder)
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name
    with zipfile.ZipFile(first / "summary.xlsx") as book:
        assert {part.date_time for part in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"1980-01-01T00:00:00Z" in book.read("docProps/core.xml")
        assert b"20" + b"2" not in book.read("docProps/core.xml")
