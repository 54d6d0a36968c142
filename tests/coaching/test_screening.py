"""Screening questions: their tiers, and the neutral text of a referral."""

from itertools import product

import pytest

from analyzer.coaching.screening import (
    REFERRAL_TIERS,
    build_screening_result,
    format_referral,
    is_screening_complete,
    load_screening,
    most_urgent,
    screening_tier,
)

IDS = [question.id for question in load_screening().questions]
NO = dict.fromkeys(IDS, False)


def test_ids_are_unique_and_the_most_urgent_come_first():
    assert len(set(IDS)) == len(IDS)
    order = [REFERRAL_TIERS.index(question.tier) for question in load_screening().questions]
    assert order == sorted(order) and set(order) == {0, 1, 2}


TOPICS = [
    "numb", "urine", "both legs", "gives way", "fall", "fever", "cancer", "night", "weak", "chest", "pregnant",
    "younger than 20", "pins and needles", "6 of 10", "weeks", "worried",
]  # fmt: skip


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_of_the_list_has_a_question(topic):
    assert any(topic in question.ask.lower() for question in load_screening().questions)


@pytest.mark.parametrize("question", load_screening().questions, ids=IDS)
def test_one_positive_answer_gives_its_tier(question):
    assert screening_tier(NO | {question.id: True}) == question.tier
    assert screening_tier({question.id: True}) == question.tier


def test_several_positive_answers_give_the_most_urgent_tier():
    for tiers in product(REFERRAL_TIERS, repeat=2):
        assert most_urgent(tiers) == REFERRAL_TIERS[min(map(REFERRAL_TIERS.index, tiers))]
    assert most_urgent([]) is None
    assert screening_tier(dict.fromkeys(IDS, True)) == "emergency"
    assert screening_tier(NO) is None


def test_answered_means_every_question():
    assert is_screening_complete(NO)
    assert not any(
        is_screening_complete({key: value for key, value in NO.items() if key != left_out}) for left_out in IDS
    )


def test_the_texts_are_those_of_the_sources():
    assert format_referral("emergency") == (
        "That's outside what a coach or this app can judge. Please get medical help now, before any test or training."
    )
    assert format_referral("not_urgent", "Dr Okafor", "your planks") == (
        "That's outside what a coach or this app can judge. Please speak to Dr Okafor before we test or load this. "
        "Here's what you can keep doing meanwhile: your planks."
    )


def test_an_emergency_text_never_suggests_to_keep_training():
    assert format_referral("emergency", "Dr Okafor", "your planks") == format_referral("emergency")
    assert "planks" in format_referral("soon", None, "your planks")
    assert "keep doing" not in format_referral("soon")  # only what the coach names
    assert "keep doing" in format_referral("not_urgent")


def test_the_result_has_answers_and_the_note_that_a_review_is_due():
    result = build_screening_result({IDS[0]: False}, asks_first=True)
    assert (result.state, result.tier) == ("unanswered", None)
    assert [one.answer for one in result.questions] == [False] + [None] * (len(IDS) - 1)
    assert "await review by a physiotherapist or a GP" in result.note
    assert build_screening_result(NO, asks_first=True).state == "answered"
    assert (
        build_screening_result({IDS[0]: True}, asks_first=True).state == "answered"
    )  # nothing more is needed to refer
