"""Files of the live guide while filming: public as the page's own files are, and cached by their hash."""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel

from api.dependencies import ServicesDep
from api.live_guide_files import PREFIX, LiveGuideAddresses
from api.responses.problem_details import not_found

router = APIRouter(prefix=PREFIX, include_in_schema=False)

_CACHE = "public, max-age=31536000, immutable"  # the address contains the hash


class LiveGuideAnswer(BaseModel):
    """What the page loads for the live guide; null while it is not there."""

    files: LiveGuideAddresses | None


@router.get("/files.json")
def list_live_guide_files(services: ServicesDep) -> LiveGuideAnswer:
    """Return the addresses of the files; without them the service starts to fetch them."""
    guide = services.live_guide.get()
    return LiveGuideAnswer(files=guide.addresses if guide is not None else None)


@router.get("/{hash}/{name}")
def get_live_guide_file(hash: str, name: str, request: Request, services: ServicesDep) -> FileResponse:
    """Return one file, compressed if the browser accepts that."""
    guide = services.live_guide.get()
    file = guide.files.get(f"{hash}/{name}") if guide is not None else None
    if file is None or not file.path.is_file():
        raise not_found("file")
    headers = {"Cache-Control": _CACHE, "Vary": "Accept-Encoding"}
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", "") and file.packed.is_file():
        return FileResponse(file.packed, media_type=file.media_type, headers=headers | {"Content-Encoding": "gzip"})
    return FileResponse(file.path, media_type=file.media_type, headers=headers)
