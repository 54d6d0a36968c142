"""`client.html`: the client's page alone, to be shared: no coach's numbers, no file name, no script."""

from collections.abc import Sequence
from pathlib import Path

from analyzer.files import atomic_write
from analyzer.kinematics.view import gives_degrees
from analyzer.report.client import client_page
from analyzer.report.coach import REFILM
from analyzer.report.prints import PagePicture, Print
from analyzer.report.templates import template
from analyzer.result import Analysis

_TEMPLATE = template("client.html.j2")


def write_client_page(analysis: Analysis, best: Sequence[Print], path: str | Path) -> None:
    """Write the first page of the report as a page of its own; `best`: its pictures, without numbers.

    The questions that come before a test stay with the coach, since answers may lie in them.
    """
    text = _TEMPLATE.render(
        client=client_page(analysis),
        best=[PagePicture(picture) for picture in best],
        refilm=() if gives_degrees(analysis.view.grade) else REFILM,
    )
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
