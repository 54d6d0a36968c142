"""The language check: forbidden and allowed words."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.coaching.language_check import find_forbidden_words

AVOID = [
    "dysfunction", "faulty", "compensation", "broken", "bad", "poor", "wrong", "ugly", "terrible", "fail",
    "failed", "positive", "abnormal", "weak", "weakness", "unstable", "tight", "tightness", "imbalanced",
    "imbalances", "injury", "dangerous", "unsafe", "safe", "correct", "perfect", "ideal", "fix",
    "corrective", "must", "never", "damage", "slipped", "bulge", "nerve", "sciatica", "disc", "disk",
    "diagnosis", "intolerance", "intolerant", "pathology", "pain", "score", "worse",
]  # fmt: skip


@pytest.mark.parametrize("word", AVOID)
@pytest.mark.parametrize("frame", ["{}", "Your {} back", "It is {}.", "“{}”", "{}, then", "the\n{}!"])
def test_listed_words_are_detected_in_any_case(word, frame):
    for written in (word, word.capitalize(), word.upper()):
        assert [hit.word for hit in find_forbidden_words(frame.format(written))] == [written]


@pytest.mark.parametrize(
    "text",
    [
        "quad-dominant", "your glutes are not firing", "injury risk", "all clear", "all-clear", "protect your spine",
        "wear and tear", "wear-and-tear", "a score of 7", "72/100", "72 out of 100", "9.5 of 100", "red X", "❌ knees",
        "compared with normal", "more than normal", "in the 40th percentile", "above the norm", "for your age",
        "because of tight hamstrings", "because you sit", "due to your job", "the root cause", "that’s why it rounds",
        "caused by sitting", "this leads to trouble", "flexion-intolerant", "you have to stop",
        "your lumbar spine bent 12 degrees", "buy the 24-pack", "the 24 pack", "less shearing", "you mustn't",
        "a posture grade", "textbook hinge", "good posture",
    ],
)  # fmt: skip
def test_phrases_are_found_too(text):
    assert find_forbidden_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "Mustard on your disco shirt, a painting, a failsafe, a badge and a badger.",
        "A discreet fixture, a mustang, the scoreboard, the property, the neverending walk of the scorekeepers.",
        "Show the logo on your shirt. Squeeze oranges in your armpits. Paint your legs with the bar.",
        "The normal curve in your back. Normal age changes.",
        "100 % of today's range, 5 of 10, 1 of 1000.",
        "Be patient: it grows with practice.",
        "A better rep, a steadier plank, a stronger-looking pull; not there yet.",
        "Close the car door with your butt. Zip the jacket.",
    ],
)
def test_words_that_only_contain_a_listed_word_are_allowed(text):
    assert find_forbidden_words(text) == []


def test_a_forbidden_word_comes_with_a_suggestion():
    (hit,) = find_forbidden_words("A perfect squat.")
    assert (hit.word, "better" in str(hit)) == ("perfect", True)


def test_forbidden_words_come_in_order_of_place():
    assert [hit.word for hit in find_forbidden_words("Never a bad hinge, never.")] == ["Never", "bad", "never"]


def test_allowed_words_pass_and_others_do_not():
    assert [hit.word for hit in find_forbidden_words("New pain and weakness", allowed_words={"pain"})] == ["weakness"]


@settings(deadline=None)
@given(st.sampled_from(AVOID), st.text(string.ascii_letters, min_size=1, max_size=5))
def test_letters_before_a_word_make_it_another_word(word, before):
    assert word not in [hit.word for hit in find_forbidden_words(f"{before}{word}")]


@settings(deadline=None)
@given(st.text(max_size=80), st.sampled_from(AVOID), st.text(max_size=80))
def test_forbidden_word_between_any_two_texts_is_detected(before, word, after):
    assert find_forbidden_words(f"{before} {word} {after}")
