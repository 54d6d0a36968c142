"""What a person asks of a folder of clips, on one machine or on a queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzer.batch.clip_facts import FactsRow
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, MdcTable
from analyzer.request import AnalysisRequest
from analyzer.settings import ModelChoice


@dataclass(frozen=True)
class BatchRequest:
    """The request of one batch, local or distributed.

    Attributes
    ----------
    folder, out : the folder of clips and the folder for the results; a distributed batch takes URLs too.
    only, exclude : glob patterns that select clips.
    movement : for clips whose movement the facts leave open.
    facts : table of facts about the clips; None for `clips.csv` in the folder, where there is one.
    retry_failed : whether to analyse again what failed before.
    video : whether to write annotated videos.
    blur_faces : whether to hide the faces of the subjects.
    own_mdc : minimal detectable changes from own repeats, for the timelines.
    model : the pose model, as in `AnalysisRequest`; the workers of a distributed batch use that of their settings.
    """

    folder: str
    out: str
    only: Sequence[str] = ()
    exclude: Sequence[str] = ()
    movement: str = "auto"
    facts: Path | None = None
    retry_failed: bool = False
    video: bool = True
    blur_faces: bool = False
    own_mdc: MdcTable = NO_OWN_MDC
    model: ModelChoice = "full"

    def choose_movement(self, facts: FactsRow) -> str:
        """Return the movement of a clip: from its facts, or else that of the batch."""
        return facts.movement or self.movement

    def request_clip(self, facts: FactsRow) -> AnalysisRequest:
        """Return the request for the analysis of one clip."""
        return AnalysisRequest(
            movement=self.choose_movement(facts),
            variant=facts.variant,
            load_kg=facts.load_kg,
            height_cm=facts.height_cm,
            subject=facts.subject or "auto",
            model=self.model,
        )
