"""`client.html`: the client's page alone, to be shared: no tables or charts of angles, no file name, no script."""

from collections.abc import Sequence
from pathlib import Path

from analyzer.atomic_files import atomic_write
from analyzer.kinematics.camera_view import allows_angles
from analyzer.report.pages.client_content import build_client_content
from analyzer.report.pages.coach_content import REFILM_ADVICE
from analyzer.report.pages.templates import load_template
from analyzer.report.stills.page_pictures import EncodedPicture, PagePicture
from analyzer.results.schema import Analysis
from analyzer.vocabulary.terms import UNKNOWN_MOVEMENT_TEXT

_TEMPLATE = load_template("client.html.j2")


def write_client_page(analysis: Analysis, client_pictures: Sequence[EncodedPicture], path: str | Path) -> None:
    """Write the first page of the report as a page of its own.

    The screening questions are left out, since their answers are for the coach.

    Parameters
    ----------
    client_pictures : without angles drawn on them.
    path : of the HTML file.
    """
    text = _TEMPLATE.render(
        client=build_client_content(analysis),
        unknown_movement=UNKNOWN_MOVEMENT_TEXT,
        client_pictures=[PagePicture(picture) for picture in client_pictures],
        refilm=() if allows_angles(analysis.view.grade) else REFILM_ADVICE,
    )
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
