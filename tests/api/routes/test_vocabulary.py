"""`GET /v1/vocabulary`."""

from analyzer.vocabulary.document import Vocabulary, build_vocabulary


def test_the_words_of_the_report_are_served_to_pages(ann):
    answer = ann.get("/v1/vocabulary")
    assert answer.status_code == 200
    assert Vocabulary.model_validate(answer.json()) == build_vocabulary()


def test_the_vocabulary_needs_a_sign_in_as_the_movements_do(service):
    stranger = service.client()
    assert stranger.get("/v1/vocabulary").status_code == stranger.get("/v1/movements").status_code == 401
