"""Timelines and tables of a batch with the minimal detectable changes of own repeats."""

from analyzer.batch.client_timelines import build_timelines
from analyzer.batch.index_page import write_index_page
from analyzer.batch.summary_tables import build_batch_tables
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, MdcTable, OwnMdc
from tests.batch.test_index_page import make_dated_clip

OWN = MdcTable({"hinge.trunk_thigh_deg": OwnMdc(2.0, "other_day", "your own 18 pairs")})
CLIPS = [make_dated_clip("a.mp4", "2026-03-01", 90.0, 90.0), make_dated_clip("b.mp4", "2026-03-08", 94.0, 94.0)]


def read_fold(own_mdc):
    [line] = build_timelines(CLIPS, build_batch_tables(CLIPS, own_mdc), own_mdc)
    return line.mdc_source, " ".join(line.sentences)


def test_a_timeline_uses_own_repeats_and_names_them():
    source, by_literature = read_fold(NO_OWN_MDC)
    assert source == "the literature"
    own_source, by_own = read_fold(OWN)
    assert own_source.startswith("your own 18 pairs")
    assert by_own != by_literature


def test_the_page_and_the_table_use_them_too(tmp_path):
    tables = build_batch_tables(CLIPS, OWN)
    least = {row["file"]: row["least_change_other_day"] for row in tables.quantities if row["quantity"] in OWN.measures}
    assert least == {"a.mp4": 2.0, "b.mp4": 2.0}
    write_index_page(CLIPS, tables, tmp_path, OWN)
    assert "minimal detectable change from your own 18 pairs" in (tmp_path / "index.html").read_text()
