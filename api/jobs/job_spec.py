"""What a row requests when its job starts."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from analyzer.movements.registry import load_movements
from analyzer.request import AnalysisRequest
from api.db import analyses
from api.db.models import AnalysisMarks, AnalysisRow, Batch, ClipRow
from api.json_object import JsonObject

_TOE_TOUCH_MARK = "toe_touch_rounding_deg"


@dataclass(frozen=True)
class JobSpec:
    """What the row requested when the job was started.

    Attributes
    ----------
    id : of the analysis.
    starts : how often the analysis was started, with this start.
    clip_url : key or URL of the clip's file.
    clip_name : the clip's name as it was sent.
    run : the run whose result this one replaces; None for the first result.
    marks_revision : revision of the marks and details in `request`.
    sha256 : digest of the clip; None before it was read.
    writes_video, blurs_faces : the batch's options.
    is_managed : whether the clip's file belongs to the service, and not to a folder that was given as a batch.
    """

    id: str
    starts: int
    clip_url: str
    clip_name: str
    request: AnalysisRequest
    run: str | None
    marks_revision: int
    sha256: str | None
    writes_video: bool
    blurs_faces: bool
    is_managed: bool

    @classmethod
    def from_row(cls, session: Session, row: AnalysisRow) -> "JobSpec":
        """Collect the request from the row, its clip, its marks and its batch."""
        clip, marks = session.get_one(ClipRow, row.clip_id), session.get(AnalysisMarks, row.id)
        batch = session.get(Batch, row.batch_id) if row.batch_id is not None else None
        options = (batch.options or {}) if batch is not None else {}
        request = AnalysisRequest(
            movement=row.movement,
            variant=row.variant,
            load_kg=row.load_kg,
            height_cm=row.height_cm,
            subject=row.subject,
            marks=_add_toe_touch(session, row, None if marks is None else marks.body),
            unfit_marks="set_aside",
        )
        return cls(
            id=row.id,
            starts=row.starts,
            clip_url=clip.url,
            clip_name=clip.name,
            request=request,
            run=row.run,
            marks_revision=row.marks_revision,
            sha256=clip.sha256,
            writes_video=bool(options.get("video", True)),
            blurs_faces=bool(options.get("blur_faces", False)),
            is_managed=clip.managed,
        )

    def is_current(self, row: AnalysisRow) -> bool:
        """Return whether the row still requests this, and no other start or run has replaced it."""
        status = "running" if self.run is None else "done"
        return (row.status, row.starts, row.run) == (status, self.starts, self.run)


def _add_toe_touch(session: Session, row: AnalysisRow, marks: JsonObject | None) -> JsonObject | None:
    """Add how far the client's back rounds in a toe touch of an earlier clip, unless the coach states it."""
    full_range = [name for name, movement in load_movements().items() if movement.back_task == "full_range"]
    if row.client_id is None or row.movement in full_range or (marks or {}).get(_TOE_TOUCH_MARK) is not None:
        return marks
    rounding_deg = analyses.find_largest_rounding_deg(session, row.owner_id, row.client_id, full_range)
    return marks if rounding_deg is None else (marks or {}) | {_TOE_TOUCH_MARK: rounding_deg}
