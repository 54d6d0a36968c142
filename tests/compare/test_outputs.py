import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import open_clip
from analyzer.compare.outputs import COMPARISON_FILES, default_comparison_folder, run_comparison
from analyzer.compare.schema import Comparison
from analyzer.compare.side import CompareError, parse_source
from analyzer.report.data_files import write_analysis_json
from analyzer.settings import Settings
from tests.compare.results import result, three_reps

HOSTILE = '<script>alert("1")</script>&\'.mp4'


def write_result(folder: Path, analysis, video=True) -> str:
    """A folder as `analyzer run` leaves it, with a grey clip for the drawn one."""
    folder.mkdir()
    write_analysis_json(analysis, folder / "analysis.json")
    if video:
        with VideoWriter(folder / "annotated.mp4", 160, 160) as writer:
            for k in range(30):
                writer.write(np.full((160, 160, 3), 120, np.uint8), k / 2)
    return str(folder)


def run(*texts, out, **more) -> Comparison:
    sources = [parse_source(text) for text in texts]
    return run_comparison(sources, Settings(), out, lambda stage, done, total: None, **more)


def list_tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.fixture
def two(tmp_path):
    return (
        write_result(tmp_path / "one.analysis", result(*three_reps())),
        write_result(
            tmp_path / "two.analysis", result(*three_reps(trunk=75), name="b.mp4", variant="romanian", load_kg=40)
        ),
    )


def test_the_default_folder_is_beside_the_first_source(tmp_path):
    a, b = f"{tmp_path}/x/one.analysis", "elsewhere/two.mp4@4-6"
    assert default_comparison_folder([parse_source(a), parse_source(b)]) == tmp_path / "x" / "one_vs_two@4-6.comparison"
    assert (
        default_comparison_folder([parse_source(f"{a}/analysis.json"), parse_source(b)]).name
        == "one_vs_two@4-6.comparison"
    )


def test_all_files_are_written_and_agree(two, tmp_path):
    comparison = run(*two, out=tmp_path / "out" / "deep")
    assert list_tree(tmp_path / "out" / "deep") == set(COMPARISON_FILES)
    text = (tmp_path / "out" / "deep" / "comparison.json").read_text(encoding="utf-8")
    assert Comparison.model_validate_json(text) == comparison and text.endswith("}\n")
    assert open_clip(tmp_path / "out" / "deep" / "side_by_side.mp4", Settings()).frames > 60


def test_the_page_shows_the_change_the_threshold_and_no_clear_change(two, tmp_path):
    run(*two, out=tmp_path / "out")
    page = (tmp_path / "out" / "comparison.html").read_text(encoding="utf-8")
    rows = [re.sub(r"<[^>]+>|\s+", " ", row).split() for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)]
    assert rows[1][:2] == ["Time", "up"] and "no clear change (0.0" in " ".join(rows[1])  # the key measure
    assert rows[3] == ["Trunk", "lean", "at", "the", "bottom", "counts", "from", "6°", "60°", "75°", "+15°"]
    assert rows[4][-3:] == ["no", "clear", "change"]
    assert not any(row[:2] == ["Way", "up"] for row in rows)  # the same quantity once
    assert "In B your trunk leans 15 degrees further." in page
    assert "hinge, romanian, 40\N{NO-BREAK SPACE}kg, 3 reps" in page
    assert page.count("data:image/jpeg;base64,") == 2
    assert 'href="side_by_side.mp4"' in page
    assert [alt for alt in re.findall(r'alt="([^"]*)"', page)] == [
        "A: rep 2 of a.mp4, with the measured lines drawn",
        "B: rep 2 of b.mp4, with the measured lines drawn",
    ]


def test_the_page_loads_nothing_from_outside_and_escapes_every_text(tmp_path):
    one = write_result(tmp_path / "one", result(*three_reps(), name=HOSTILE, variant=HOSTILE))
    two = write_result(tmp_path / "two", result(*three_reps(trunk=75), name="b.mp4"))
    run(one, two, out=tmp_path / "out", cue=HOSTILE)
    page = (tmp_path / "out" / "comparison.html").read_text(encoding="utf-8")
    assert "alert(" in page and "<script" not in page
    assert not re.search(r"https?:|//[a-z]+\.|@import|url\(", page.replace("http-equiv", ""))
    HTMLParser().feed(page)


def test_without_pictures_the_page_has_the_numbers(tmp_path):
    one = write_result(tmp_path / "one", result(*three_reps()), video=False)
    two = write_result(tmp_path / "two", result(*three_reps(trunk=75), name="b.mp4"))
    run(one, two, out=tmp_path / "out")
    assert list_tree(tmp_path / "out") == {"comparison.html", "comparison.json"}
    page = (tmp_path / "out" / "comparison.html").read_text(encoding="utf-8")
    assert "<img" not in page and "side_by_side.mp4" not in page


def test_a_failure_leaves_an_older_comparison_unchanged(two, tmp_path, monkeypatch):
    def interrupt(stage, done, total):
        if done == 5:
            raise KeyboardInterrupt

    sources = [parse_source(text) for text in two]
    before = list_tree(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run_comparison(sources, Settings(), tmp_path / "new" / "out", interrupt)
    assert list_tree(tmp_path) == before
    run(*two, out=tmp_path / "out")
    old = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(KeyboardInterrupt):
        run_comparison(sources, Settings(), tmp_path / "out", interrupt)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == old


def test_nothing_is_written_for_clips_that_cannot_be_compared(two, tmp_path):
    squat = write_result(tmp_path / "squat", result(*three_reps(), movement="squat", name="c.mp4"))
    before = list_tree(tmp_path)
    with pytest.raises(CompareError, match="only clips of the same movement"):
        run(two[0], squat, out=tmp_path / "out")
    assert list_tree(tmp_path) == before


def test_only_a_clip_without_its_own_result_is_analysed_first(tmp_path, monkeypatch):
    with VideoWriter(tmp_path / "set.mp4", 160, 160) as writer:
        for k in range(30):
            writer.write(np.full((160, 160, 3), 8 * k, np.uint8), k / 2)
    clip = open_clip(tmp_path / "set.mp4", Settings())
    requests = []

    def analysed(path, request, settings, folder, *_):
        requests.append((path.name, request.movement, folder.name))
        analysis = result(*three_reps(), name=path.name)
        analysis.clip.sha256 = clip.sha256
        folder.mkdir(exist_ok=True)
        write_analysis_json(analysis, folder / "analysis.json")

    monkeypatch.setattr("analyzer.compare.side_loading.run_clip", analysed)
    texts = [f"{tmp_path}/set.mp4@1", f"{tmp_path}/set.mp4@2-3"]
    comparison = run(*texts, out=tmp_path / "out", movement="hinge")
    assert requests == [("set.mp4", "hinge", "set.analysis")]
    assert (comparison.setting, [side.reps for side in comparison.sides]) == ("same_clip", [[1], [2, 3]])
    assert "side_by_side.mp4" in list_tree(tmp_path / "out")  # of the clip itself, which was named

    # The result of another clip that had this name before is not its own.
    write_analysis_json(result(*three_reps()), tmp_path / "set.analysis" / "analysis.json")
    run(*texts, out=tmp_path / "out")
    assert len(requests) == 2
