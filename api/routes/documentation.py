"""The interactive documentation at /docs: Swagger UI from an installed package, started by a script of our own.

Nothing is loaded from other hosts, and the page obeys the policy of all pages.
"""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from api.responses.problem_details import not_found

router = APIRouter(prefix="/docs", include_in_schema=False)

_OWN_FILES = Path(__file__).resolve().parents[1] / "api_docs"
_SWAGGER_UI = Path(str(files("fastapi_offline"))) / "static"
_FOLDERS = {
    "docs.js": _OWN_FILES,
    "docs.css": _OWN_FILES,
    "arrow.svg": _OWN_FILES,
    "check.svg": _OWN_FILES,
    "copy.svg": _OWN_FILES,
    "swagger-ui-bundle.js": _SWAGGER_UI,
    "swagger-ui.css": _SWAGGER_UI,
}


@router.get("")
def show_documentation() -> FileResponse:
    """Return the page."""
    return FileResponse(_OWN_FILES / "index.html", media_type="text/html; charset=utf-8")


@router.get("/{name}")
def get_documentation_file(name: str) -> FileResponse:
    """Return a script, style sheet or icon of the page."""
    if name not in _FOLDERS:
        raise not_found("file")
    return FileResponse(_FOLDERS[name] / name)
