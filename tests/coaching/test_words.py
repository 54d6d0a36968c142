"""Every text that can reach a client passes the language check, for all combinations of inputs."""

import ast
import itertools
import re
import string
from typing import get_args

import pytest

from analyzer.coaching.catalogue import CatalogueEntry, fill_template, load_catalogue, template_fields
from analyzer.coaching.coaching_measures import DirectionResult
from analyzer.coaching.language_check import find_forbidden_words
from analyzer.coaching.screening import DEFAULT_CLINICIAN, REFERRAL_TIERS, format_referral, load_screening
from analyzer.coaching.trainable_menu import load_menu
from tests.coaching.texts import PACKAGE, code_texts, template_texts

WORDS = load_catalogue()
NUMBERS = (-999.6, -1.0, -0.4, 0.0, 0.6, 1.0, 5.0, 59.5, 100.0, 12345.6)
COUNTS = (0, 1, 2, 5, 100)
STRINGS = ("near", "far", "left", "right")
BUILT_ELSEWHERE = ("compare.", "direction.")  # ids that are put together; tested where that is done

TEMPLATES = sorted([*PACKAGE.glob("report/**/*.j2"), *PACKAGE.glob("compare/*.j2")])
SOURCES = sorted(
    [
        *(path for folder in ("report", "compare", "kinematics") for path in PACKAGE.glob(f"{folder}/**/*.py")),
        *(
            PACKAGE / name
            for name in (
                "analysis/body_fit.py",
                "analysis/load.py",
                "analysis/result.py",
                "analysis/visibility.py",
                "clip/recording_warnings.py",
                "pose/subject_selection.py",
                "analysis/recognition.py",
            )
        ),
        *(PACKAGE / "coaching" / name for name in ("training_options.py", "comfort_over_time.py")),
    ]
)
ABOUT_THE_PICTURE = {"corrected"}  # of the phone's tilt in view.py, not of a person

# ---- the catalogue ---------------------------------------------------------------------------------------------


def extremes(template: str) -> list[dict[str, object]]:
    """Every combination of extreme values of the fields; of more than three fields, all the same place of the list."""
    values: dict[str, tuple[object, ...]] = {}
    for _, name, spec, _ in string.Formatter().parse(template):
        if name is not None:
            values[name] = COUNTS if spec.startswith("n ") or spec.endswith("d") else NUMBERS if spec else STRINGS
    if len(values) <= 3:
        return [dict(zip(values, one, strict=True)) for one in itertools.product(*values.values())]
    return [{name: some[place % len(some)] for name, some in values.items()} for place in range(len(NUMBERS))]


@pytest.mark.parametrize("id", WORDS.entries)
def test_every_entry_passes_the_language_check_for_any_numbers(id):
    for _, template in WORDS.get_entry(id).texts:
        for evidence in extremes(template):
            text = fill_template(template, evidence, id)
            assert text is not None
            assert find_forbidden_words(text) == []
            assert not re.search(r"[{}|]|nan|None|\s{2}|\s[.,:]", text), text
            assert not re.search(r"-0\b(?!\.\d)", text), text


@pytest.mark.parametrize("id", WORDS.entries)
def test_whole_numbers_agree_with_their_noun_and_no_text_repeats_its_heading(id):
    for _, template in WORDS.get_entry(id).texts:
        assert not re.search(r":\.0f\} (degrees|seconds|reps|times|steps)\b", template), template
        assert not re.search(r"\bNext: ", template), template


@pytest.mark.parametrize("row", load_menu())
def test_no_step_repeats_the_heading_above_it(row):
    steps = load_menu()[row]
    assert not [
        step.say for step in (steps.now, *steps.easier, *steps.later) if re.match(r"Try|Train it:|Next", step.say)
    ]


def test_extremes_reach_singular_plural_and_both_ends():
    texts = [fill_template("{a_deg:.0f} {n:n rep|reps}", one, "a.b") for one in extremes("{a_deg:.0f} {n:n rep|reps}")]
    assert {"-1000 1 rep", "12346 2 reps", "0 0 reps"} <= set(texts)


@pytest.mark.parametrize("id", WORDS.entries)
def test_sentences_end_as_sentences(id):
    for key, text in WORDS.get_entry(id).texts:
        if key == "reason":
            assert text[-1] not in ".!?", (key, text)
        elif not id.startswith("compare."):
            assert text.rstrip('"')[-1] in ".!?", (key, text)


@pytest.mark.parametrize("id", [id for id, entry in WORDS.entries.items() if entry.cue])
def test_a_cue_comes_with_a_step_of_the_menu(id):
    assert WORDS.get_entry(id).menu is not None or id.startswith("compare.")


@pytest.mark.parametrize("direction", get_args(DirectionResult))
def test_every_direction_has_a_text(direction):
    assert f"direction.{direction}" in WORDS.entries


def test_no_entry_has_an_unknown_direction():
    directions = {id.removeprefix("direction.") for id in WORDS.entries if id.startswith("direction.")}
    assert directions == set(get_args(DirectionResult))


# ---- what the movements observe --------------------------------------------------------------------------------


def observed():
    """(file, pattern of the id or None, kind or None, keys of a literal evidence or None) of every Observation."""
    for path in sorted(
        [*PACKAGE.glob("movements/**/*.py"), *PACKAGE.glob("load/*.py"), *PACKAGE.glob("coaching/*.py")]
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Observation"):
                continue
            given = dict(zip(("id", "kind", "weight", "evidence"), node.args, strict=False))
            given |= {keyword.arg: keyword.value for keyword in node.keywords}
            kind, evidence = given.get("kind"), given.get("evidence")
            keys = None
            if evidence is None:
                keys = set()
            elif isinstance(evidence, ast.Dict) and all(isinstance(key, ast.Constant) for key in evidence.keys):
                keys = {key.value for key in evidence.keys}
            kind = kind.value if isinstance(kind, ast.Constant) else None
            for id in spelled(given["id"]):
                yield pytest.param(path, id, kind, keys, id=f"{path.name}:{node.lineno}")


def spelled(node: ast.expr) -> list[str | None]:
    """Return patterns of ids: literals unchanged, fields of an f-string as one word."""
    if isinstance(node, ast.Constant):
        return [re.escape(node.value)]
    if isinstance(node, ast.IfExp):
        return [*spelled(node.body), *spelled(node.orelse)]
    if isinstance(node, ast.JoinedStr):
        parts = (re.escape(part.value) if isinstance(part, ast.Constant) else r"\w+" for part in node.values)
        return ["".join(parts)]
    return [None]


def texts_of(entry: CatalogueEntry) -> set[str]:
    return set().union(*(template_fields(text) for _, text in entry.texts))


@pytest.mark.parametrize(("path", "id", "kind", "keys"), list(observed()))
def test_every_observation_has_a_text_that_needs_only_its_evidence(path, id, kind, keys):
    if id is None:  # handed on: the literal stands elsewhere in the file, see the test of orphans
        return
    entry_ids = [one for one in WORDS.entries if re.fullmatch(id, one)]
    assert entry_ids, f"{path.name}: no words for {id} in catalogue.toml"
    if kind == "next":
        assert any(WORDS.get_entry(one).menu is not None for one in entry_ids), (
            f"[{entry_ids[0]}] names no row of the menu"
        )
    if keys is not None:
        assert any(texts_of(WORDS.get_entry(one)) <= keys for one in entry_ids), entry_ids


def test_the_source_has_observations():
    assert len(list(observed())) >= 10


def test_every_entry_is_used():
    patterns = [param.values[1] for param in observed() if param.values[1] is not None]
    literals = {
        node.value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    orphans = [
        id
        for id in WORDS.entries
        if id not in literals
        and not id.startswith(BUILT_ELSEWHERE)
        and not any(re.fullmatch(pattern, id) for pattern in patterns)
    ]
    assert orphans == []


# ---- clinician, templates, code --------------------------------------------------------------------------------


def test_questions_pass_the_language_check_but_for_listed_words():
    data = load_screening()
    for text in (data.intro, data.intro_after, data.note, *(question.ask for question in data.questions)):
        assert find_forbidden_words(text, allowed_words=data.allowed_words) == [], text
    assert all(group.why for group in data.allowed)


def test_every_allowed_word_is_needed_by_a_question():
    questions = " ".join(question.ask for question in load_screening().questions)
    assert {hit.word.lower() for hit in find_forbidden_words(questions)} == load_screening().allowed_words


@pytest.mark.parametrize("tier", REFERRAL_TIERS)
@pytest.mark.parametrize("clinician", [None, "Dr Okafor"])
@pytest.mark.parametrize("keep_doing", [None, "your goblet squats"])
def test_referrals_pass_the_language_check(tier, clinician, keep_doing):
    assert find_forbidden_words(format_referral(tier, clinician, keep_doing)) == []
    assert find_forbidden_words(load_screening().tiers[tier].title) == []
    assert find_forbidden_words(DEFAULT_CLINICIAN) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_pass_the_language_check(path):
    assert [(text.strip()[:60], str(hit)) for text in template_texts(path) for hit in find_forbidden_words(text)] == []


def test_forbidden_word_in_a_template_is_detected(tmp_path):
    page = tmp_path / "page.j2"
    page.write_text('<p class="fix">{# bad #}Fine</p><img alt="a {{ "poor" if x }} hinge"><b>{{ y }} wrong</b>')
    assert [hit.word for text in template_texts(page) for hit in find_forbidden_words(text)] == ["poor", "wrong"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_sentences_in_code_that_a_report_shows_pass_the_language_check(path):
    assert [
        (text, str(hit)) for text in code_texts(path) for hit in find_forbidden_words(text, ABOUT_THE_PICTURE)
    ] == []
