"""Result keys: which inputs change their digests, and which do not."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import analyzer
from analyzer.batch.result_key import compute_result_key
from analyzer.request import AnalysisRequest
from analyzer.results.code_digest import digest_measuring_code
from analyzer.settings import Settings


def compute_digests(request=None, settings=None, **more):
    one = compute_result_key(
        request or AnalysisRequest(), settings or Settings(), **{"video": True, "blur_faces": False, **more}
    )
    return {name: getattr(one, f"{name}_digest") for name in ("track", "measure", "limits")}


def list_changed(after) -> set[str]:
    before = compute_digests()
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        (AnalysisRequest(), set()),
        (AnalysisRequest(movement="hinge"), {"measure"}),
        (AnalysisRequest(variant="sumo"), {"measure"}),
        (AnalysisRequest(load_kg=0), {"measure"}),
        (AnalysisRequest(height_cm=170), {"measure"}),
        (AnalysisRequest(subject="largest"), {"track", "measure"}),
        (AnalysisRequest(model="lite"), {"track", "measure"}),
    ],
)
def test_request_changes_the_result_key(request_, names):
    assert list_changed(compute_digests(request_)) == names


def test_threads_and_folders_do_not_change_the_key(tmp_path):
    assert list_changed(compute_digests(settings=Settings(pose_threads=7, cache_dir=tmp_path))) == set()
    # The record says whether a result has a video, and one with a video serves both.
    assert list_changed(compute_digests(video=False)) == set()


def test_limits_and_face_blur_change_the_key():
    assert list_changed(compute_digests(settings=Settings(max_duration_s=9))) == {"limits"}
    assert list_changed(compute_digests(blur_faces=True)) == {"measure"}


@pytest.mark.parametrize(
    ("file", "differs"),
    [
        ("coaching/catalogue.toml", True),
        ("movements/squat.py", True),
        ("report/pages/parts/style.css", True),
        ("analysis/measures.py", True),
        ("batch/index_page.py", False),
        ("cli/main.py", False),
    ],
)
def test_texts_thresholds_and_pages_change_the_key_and_batch_code_does_not(tmp_path: Path, file, differs):
    copy = tmp_path / "analyzer"
    shutil.copytree(Path(analyzer.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = digest_measuring_code(copy)
    with (copy / file).open("a", encoding="utf-8") as text:
        text.write("\n# changed\n")
    digest_measuring_code.cache_clear()
    assert (before != digest_measuring_code(copy)) is differs


def test_digests_belong_to_their_request():
    one = compute_result_key(AnalysisRequest(load_kg=20), Settings(), video=False, blur_faces=True)
    assert (one.request, one.video, one.blur_faces) == (AnalysisRequest(load_kg=20), False, True)
    assert replace(one, video=True).measure_digest == one.measure_digest
