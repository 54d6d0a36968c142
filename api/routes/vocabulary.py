"""The words and units of results, for pages and other programs."""

from fastapi import APIRouter

from analyzer.vocabulary.document import Vocabulary, build_vocabulary
from api.auth import CurrentCaller

router = APIRouter(prefix="/v1", tags=["vocabulary"])


@router.get("/vocabulary")
def get_vocabulary(caller: CurrentCaller) -> Vocabulary:
    """Return words and units of angles, measures, view grades, sides and symptom reports."""
    return build_vocabulary()
