"""Resumable uploads by tus 1.0 (`tuspyserver`), a folder an owner."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from tuspyserver import create_tus_router

from api.auth import Who, caller_of
from api.deps import Parts, Services
from api.intake import check_room
from api.uploads import KEPT_DAYS, check_new, folder_of, settle

PREFIX = "/v1/uploads"

DESCRIPTION = f"""Clips in pieces, by [tus 1.0](https://tus.io/protocols/resumable-upload) at `{PREFIX}/`: goes on
after a lost network or a closed tab. `POST` with `Upload-Length` and `Upload-Metadata: filename <base64>` gives a
`Location`, `PATCH` sends bytes from an `Upload-Offset`, `HEAD` tells where to go on, `DELETE` drops it. Its id then
goes to `POST /v1/analyses` as `upload`. What is not finished is removed after {KEPT_DAYS} days."""


def tus_router(services: Services) -> APIRouter:
    """The routes; another owner's upload is simply not there."""
    return create_tus_router(
        prefix=PREFIX,
        files_dir=str(services.uploads / "nobody"),
        max_size=services.settings.max_upload_bytes,
        auth=caller_of,
        days_to_keep=KEPT_DAYS,
        pre_create_dep=_before_new,
        file_dep=_folder,
        tags=["uploads"],
    )


async def _folder(request: Request, services: Parts, who: Who) -> Callable[[dict[str, str]], dict[str, Any]]:
    folder = folder_of(services, who.owner_id)
    id = request.path_params.get("uuid")
    if id is not None:
        await asyncio.to_thread(settle, folder, id)
    return lambda _: {"files_dir": str(folder)}


async def _before_new(services: Parts, who: Who) -> Callable[[dict[str, str], dict[str, Any]], Any]:
    async def check(_: dict[str, str], upload: dict[str, Any]) -> None:
        await asyncio.to_thread(check_new, services, who.owner_id, upload["size"])
        await asyncio.to_thread(check_room, services, who.owner_id)

    return check
