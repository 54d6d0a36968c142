"""Routes of resumable uploads by tus 1.0 (`tuspyserver`), with one folder for each owner."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from tuspyserver import create_tus_router

from api.auth import CurrentCaller, authenticate
from api.dependencies import Services, ServicesDep
from api.json_object import JsonObject
from api.uploads.clip_intake import check_quota
from api.uploads.resumable import (
    UPLOAD_RETENTION_DAYS,
    check_new_upload,
    prepare_piece,
    repair_upload,
    uploads_folder,
)

UploadCheck = Callable[[dict[str, str], JsonObject], Any]
"""Called by the tus server with the metadata and the parameters of a new upload."""

UPLOADS_PREFIX = "/v1/uploads"

TUS_DESCRIPTION = f"""Resumable uploads by [tus 1.0](https://tus.io/protocols/resumable-upload) at `{UPLOADS_PREFIX}/`.
They continue after a lost network or a closed tab. `POST` with `Upload-Length` and `Upload-Metadata: filename <base64>`
returns a `Location`, `PATCH` sends bytes from an `Upload-Offset`, `HEAD` returns the offset to continue from, and
`DELETE` removes the upload. A clip that is still being filmed is created with `Upload-Defer-Length: 1` instead; a
later `PATCH`, which may have no bytes, sets its `Upload-Length`, once. Send the id of an upload as `upload` to
`POST /v1/analyses`. Unfinished uploads are removed after {UPLOAD_RETENTION_DAYS} days."""


def tus_router(services: Services) -> APIRouter:
    """Return the tus routes; another owner's uploads are not found."""
    return create_tus_router(
        prefix=UPLOADS_PREFIX,
        files_dir=str(services.uploads / "nobody"),
        max_size=services.settings.max_upload_bytes,
        auth=authenticate,
        days_to_keep=UPLOAD_RETENTION_DAYS,
        pre_create_dep=_check_before_upload,
        file_dep=_find_upload_folder,
        tags=["uploads"],
    )


async def _find_upload_folder(
    request: Request, services: ServicesDep, caller: CurrentCaller
) -> Callable[[dict[str, str]], JsonObject]:
    folder = uploads_folder(services, caller.owner_id)
    id = request.path_params.get("uuid")
    if id is not None:
        await asyncio.to_thread(repair_upload, folder, id)
        if request.method == "PATCH":
            await asyncio.to_thread(prepare_piece, services, caller.owner_id, id, request.headers)
    return lambda _: {"files_dir": str(folder)}


async def _check_before_upload(services: ServicesDep, caller: CurrentCaller) -> UploadCheck:
    async def check(_: dict[str, str], upload: JsonObject) -> None:
        """Check size and quota before an upload begins."""
        size, is_deferred = upload["size"], upload["defer_length"]
        await asyncio.to_thread(check_new_upload, services, caller.owner_id, size, is_deferred=is_deferred)
        await asyncio.to_thread(check_quota, services, caller.owner_id)

    return check
