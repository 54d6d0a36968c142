"""The table of reps, holds or stages on the coach's page: columns, spread, and the best one."""

import pytest

from analyzer.report.pages.event_overview import build_event_overview
from analyzer.results.schema import Analysis, Hold, KeyMeasure, Rep, Stage
from tests.report.test_report_page import render_report


def rep(index: int, *, complete: bool = True, **measures: float) -> Rep:
    start_s = 0.4 * index
    return Rep(
        index=index, start_s=start_s, bottom_s=start_s + 0.2, end_s=start_s + 0.4, descent_s=0.2, pause_s=0.0,
        ascent_s=0.2, complete=complete, measures=measures,
    )  # fmt: skip


def measure(id: str, label: str, per_rep: list[float | None], unit: str = "deg") -> KeyMeasure:
    return KeyMeasure(id=id, label=label, value=per_rep[0] or 0, unit=unit, interval_80=None, per_rep=per_rep)


@pytest.fixture
def hinges(analysis: Analysis) -> Analysis:
    """Four complete reps whose back rounds by 10, 12, 30 and 20 degrees, then a part of one."""
    backs = (10.0, 12.0, 30.0, 20.0)
    analysis.reps = [rep(i, rounding_deg=back, hip_back_pct=30.0) for i, back in enumerate(backs, start=1)]
    analysis.reps.append(rep(5, complete=False, rounding_deg=1.0))
    analysis.key_measures = [
        measure("hinge.fold", "Trunk-thigh", [90, 92, 94, 96]),
        measure("hinge.back", "Back, change from tall", list(backs)),
        measure("hinge.ascent", "Time up", [1.0, 1.1, None, 1.2], "s"),
        measure("hinge.knee", "Knee bend", [None] * 4),
    ]
    return analysis


def test_columns_are_the_key_measures_then_what_the_movement_counts_as_better(hinges: Analysis):
    table = build_event_overview(hinges)
    assert table is not None and table.kind == "Rep"
    assert table.columns == ["Trunk-thigh", "Back", "Time up", "Hips back"]
    assert [row.name for row in table.rows] == ["1", "2", "3", "4", "5 (part)"]
    assert table.rows[0].cells == ["90°", "10°", "1.0\u00a0s", "30\u00a0%"]
    assert table.rows[2].cells[2] == "–" and set(table.rows[4].cells) == {"–"}


def test_a_column_is_known_by_its_quantity_and_not_by_equal_numbers(hinges: Analysis):
    for each in hinges.reps[:4]:
        each.measures["hip_share"] = 1.0  # the time up of the first rep
    hinges.key_measures[2] = measure("hinge.ascent", "Time up", [1.0] * 4, "s")
    assert build_event_overview(hinges).columns[-2:] == ["Hips back", "Hips' share of the fold"]


def test_spread_is_the_standard_deviation_of_the_complete_reps(hinges: Analysis):
    # fold: deviations -3, -1, 1, 3 from 93: sqrt(20 / 3) = 2.58; back: -8, -6, 12, 2 from 18: sqrt(248 / 3) = 9.09;
    # time: -0.1, 0, 0.1 from 1.1: sqrt(0.02 / 2) = 0.1
    assert build_event_overview(hinges).spread == ["±2.6°", "±9.1°", "±0.10\u00a0s", "±0\u00a0%"]


def test_the_rep_with_the_least_change_of_the_back_is_the_best_hinge(hinges: Analysis):
    table = build_event_overview(hinges)
    assert [row.name for row in table.rows if row.is_best] == ["1"]
    assert table.best_note == "Best: by back (less)."


def test_reps_that_differ_by_less_than_the_method_tells_have_no_best_one(hinges: Analysis):
    hinges.reps = [rep(i, rounding_deg=back) for i, back in enumerate((10.0, 12.0, 14.0, 11.0), start=1)]
    table = build_event_overview(hinges)
    assert not any(row.is_best for row in table.rows)
    assert table.best_note == "No best one: the reps are alike in back."


def test_a_movement_that_defines_nothing_better_has_no_best_rep(hinges: Analysis):
    hinges.movement.name = "sit_to_stand"
    table = build_event_overview(hinges)
    assert table.best_note == "" and not any(row.is_best for row in table.rows)


def test_two_reps_have_no_spread_and_one_has_no_table(hinges: Analysis):
    hinges.reps, hinges.key_measures = hinges.reps[:2], [measure("hinge.fold", "Trunk-thigh", [90, 92])]
    assert build_event_overview(hinges).spread == []
    hinges.reps, hinges.key_measures = hinges.reps[:1], [measure("hinge.fold", "Trunk-thigh", [90])]
    assert build_event_overview(hinges) is None


def test_holds_have_a_row_each_and_the_longest_is_the_best(analysis: Analysis):
    analysis.movement.name = "plank"
    analysis.holds = [
        Hold(index=i, start_s=0, end_s=held, duration_s=held, in_zone_s=held / 2) for i, held in enumerate((20, 40), 1)
    ]
    analysis.key_measures = [measure("plank.hold", "Longest hold", [20, 40], "s")]
    table = build_event_overview(analysis)
    assert (table.kind, table.spread) == ("Hold", [])
    assert [row.is_best for row in table.rows] == [False, True]


def test_stages_have_their_names_and_neither_spread_nor_best(analysis: Analysis):
    analysis.movement.name = "slump"
    analysis.stages = [
        Stage(name=name, start_s=at, end_s=at + 1) for at, name in enumerate(("tall_sit", "slump", "return"))
    ]
    analysis.key_measures = [measure("slump.neck", "Neck, change from tall", [0, 30, 2])]
    table = build_event_overview(analysis)
    assert (table.kind, table.columns, table.spread) == ("Stage", ["Neck"], [])
    assert [(row.name, row.cells) for row in table.rows][1] == ("Slumped", ["30°"])
    assert not any(row.is_best for row in table.rows)


def test_a_movement_that_is_not_installed_keeps_its_columns(hinges: Analysis):
    hinges.movement.name = "cossack_squat"
    assert build_event_overview(hinges).columns == ["Trunk-thigh", "Back", "Time up"]


def test_the_page_marks_the_best_row_and_links_reps_to_their_pictures(tmp_path, hinges: Analysis):
    text = render_report(tmp_path, hinges)
    row = text[text.index('<tr class="top">') :]
    assert '<span class="mark">best</span>' in row[: row.index("</tr>")]
    assert text.count('class="mark"') == 1 and "Spread (SD)" in text
