"""The questions before a test: their tiers, and the neutral text."""

from itertools import product

import pytest

from analyzer.coaching.clinician import TIERS, answered, asked, most_urgent, referral, screen, tier_of

IDS = [question.id for question in screen().questions]
NO = dict.fromkeys(IDS, False)


def test_ids_are_unique_and_the_most_urgent_come_first():
    assert len(set(IDS)) == len(IDS)
    order = [TIERS.index(question.tier) for question in screen().questions]
    assert order == sorted(order) and set(order) == {0, 1, 2}


TOPICS = [
    "numb", "urine", "both legs", "gives way", "fall", "fever", "cancer", "night", "weak", "chest", "pregnant",
    "younger than 20", "pins and needles", "6 of 10", "weeks", "worried",
]  # fmt: skip


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_of_the_list_is_asked(topic):
    assert any(topic in question.ask.lower() for question in screen().questions)


@pytest.mark.parametrize("question", screen().questions, ids=IDS)
def test_one_yes_gives_its_tier(question):
    assert tier_of(NO | {question.id: True}) == question.tier
    assert tier_of({question.id: True}) == question.tier


def test_several_give_the_most_urgent():
    for tiers in product(TIERS, repeat=2):
        assert most_urgent(tiers) == TIERS[min(map(TIERS.index, tiers))]
    assert most_urgent([]) is None
    assert tier_of(dict.fromkeys(IDS, True)) == "emergency"
    assert tier_of(NO) is None


def test_answered_means_every_question():
    assert answered(NO)
    assert not any(answered({key: value for key, value in NO.items() if key != left_out}) for left_out in IDS)


def test_the_texts_are_the_domain_s():
    assert referral("emergency") == (
        "That's outside what a coach or this app can judge. Please get medical help now, before any test or training."
    )
    assert referral("not_urgent", "Dr Okafor", "your planks") == (
        "That's outside what a coach or this app can judge. Please speak to Dr Okafor before we test or load this. "
        "Here's what you can keep doing meanwhile: your planks."
    )


def test_what_to_keep_doing_is_never_said_in_an_emergency():
    assert referral("emergency", "Dr Okafor", "your planks") == referral("emergency")
    assert "planks" in referral("soon", None, "your planks")
    assert "keep doing" not in referral("soon")  # only what the coach names
    assert "keep doing" in referral("not_urgent")


def test_the_questions_go_with_their_answers_and_the_note_that_they_await_review():
    told = asked({IDS[0]: False})
    assert (told["state"], told["tier"]) == ("unanswered", None)
    assert [one["answer"] for one in told["questions"]] == [False] + [None] * (len(IDS) - 1)
    assert "await review by a physiotherapist or a GP" in told["note"]
    assert asked(NO)["state"] == "answered"
    assert asked({IDS[0]: True})["state"] == "answered"  # nothing more is needed to refer
