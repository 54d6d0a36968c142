"""Everything of one client as a zip: lists to read and for programs, what they can train, clips, results and marks."""

import csv
import io
import json
import secrets
import shutil
import zipfile
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from analyzer.coaching.comfort_over_time import FilmedClip
from analyzer.coaching.training_options import find_active_referral, list_training_options
from analyzer.export.spreadsheet import escape_formula
from api.db import analyses, clients, clips
from api.db.engine import Database
from api.db.models import Analysis, AnalysisMarks, Base, Client, Clip, ShareLink
from api.file_store import FileStore, result_key
from api.stored_results import read_result

_COMPRESSED_SUFFIXES = {
    ".mp4",
    ".m4v",
    ".mov",
    ".jpg",
    ".png",
    ".npz",
    ".xlsx",
    ".parquet",
    ".webm",
    ".mkv",
    ".gif",
    ".zip",
}
_INTERNAL_COLUMNS = {
    "owner_id",
    "secret_hash",
    "worker_id",
    "url",
    "run",
    "priority",
    "revision",
    "starts",
    "marks_revision",
    "measured_revision",
    "stage",
    "done",
    "total",
    "eta_s",
    "managed",
}
_TRIES = 3  # a result may be exchanged for a newer one while it is read; chosen
_COLUMNS = ("sent_at", "recorded_at", "clip", "movement", "variant", "load_kg", "status", "note", "folder")


def write_client_zip(database: Database, files: FileStore, owner_id: str, id: str, folder: Path) -> Path | None:
    """Write the zip as a new file in `folder`, which the caller removes; None where there is no such client.

    Clips of batches that lie outside the service, and clips that are missing, are named in the lists, not copied.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"client-{secrets.token_hex(8)}.zip"
    tries = count(1)
    while True:
        with database.reading() as session:
            client = clients.get(session, owner_id, id)
            told = None if client is None else _client_record(session, client)
        if told is None:
            return None
        try:
            _write(path, files, told)
            return path
        except FileNotFoundError:  # exchanged or deleted since the rows were read
            path.unlink(missing_ok=True)
            if next(tries) >= _TRIES:
                raise
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _client_record(session: Session, client: Client) -> dict[str, Any]:
    """Everything that the rows say of a client."""
    rows = analyses.list_for_client(session, client.owner_id, client.id)
    films = clips.get_many(session, [row.clip_id for row in rows])
    return {
        "client": _plain(client),
        "analyses": [_of_analysis(session, row, films[row.clip_id]) for row in rows],
    }


def _of_analysis(session: Session, row: Analysis, clip: Clip) -> dict[str, Any]:
    mark = session.get(AnalysisMarks, row.id)
    links = session.scalars(select(ShareLink).where(ShareLink.analysis_id == row.id).order_by(ShareLink.created_at))
    outside = {} if clip.managed else {"url": clip.url}
    return {
        **_plain(row),
        "clip": _plain(clip) | outside,
        "marks": None if mark is None else mark.body,
        "links": [_plain(link) for link in links],
        "folder": f"{(clip.recorded_at or row.created_at).date()}_{row.id}",
        "_result": None if row.run is None else result_key(row.id, row.run),
        "_clip": clip.url if clip.managed else None,
        "_run": row.run,
        "_filmed_at": clip.recorded_at or row.created_at,
    }


def _write(path: Path, files: FileStore, told: dict[str, Any]) -> None:
    for row in told["analyses"]:
        if row["_clip"] is not None and not files.exists(row["_clip"]):
            row["_clip"], row["clip"]["missing"] = None, True
    shown = told | {"analyses": [{k: v for k, v in row.items() if k[0] != "_"} for row in told["analyses"]]}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("client.json", json.dumps(shown, indent=2, ensure_ascii=False, default=_text))
        packed.writestr("analyses.csv", _table(told["analyses"]))
        packed.writestr("can_train.json", _trainable(files, told["analyses"]))
        for row in told["analyses"]:
            if row["_clip"] is not None:
                _add(packed, files, row["_clip"], f"{row['folder']}/clip/{PurePosixPath(row['_clip']).name}")
            if row["_result"] is not None:
                for key in files.list(row["_result"]):
                    _add(packed, files, key, f"{row['folder']}/{key.removeprefix(row['_result'] + '/')}")
            if row["marks"] is not None:
                marks = json.dumps(row["marks"], indent=2, ensure_ascii=False)
                packed.writestr(f"{row['folder']}/marks.json", marks)


def _trainable(files: FileStore, rows: list[dict[str, Any]]) -> str:
    """What the client can train, as the timeline tells it; results of an older version tell nothing."""
    filmed = []
    for row in sorted(rows, key=lambda row: row["_filmed_at"]):
        if row["_run"] is not None:
            with suppress(FileNotFoundError, ValidationError):
                filmed.append(FilmedClip(row["id"], row["_filmed_at"], read_result(files, row["id"], row["_run"])))
    told = {
        "referral": find_active_referral(filmed),
        "can_train": [one.model_dump(mode="json") for one in list_training_options(filmed)],
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def _add(packed: zipfile.ZipFile, files: FileStore, key: str, name: str) -> None:
    info = zipfile.ZipInfo(name)
    info.compress_type = (
        zipfile.ZIP_STORED if PurePosixPath(name).suffix.lower() in _COMPRESSED_SUFFIXES else zipfile.ZIP_DEFLATED
    )
    with files.open(key) as source, packed.open(info, "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target, 2**20)


def _table(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    for row in rows:
        table.writerow(
            _cell(value)
            for value in (
                row["created_at"],
                row["clip"]["recorded_at"],
                _clip_entry(row["clip"]),
                _movement(row),
                row["variant"],
                row["load_kg"],
                row["status"],
                row["note"],
                row["folder"],
            )
        )
    return text.getvalue()


def _movement(row: dict[str, Any]) -> str:
    return str((row["summary"] or {}).get("movement") or row["movement"])


def _clip_entry(clip: dict[str, Any]) -> str:
    return f"{clip['name']} (missing)" if clip.get("missing") else str(clip["name"])


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else escape_formula(value)


def _plain(row: Base) -> dict[str, Any]:
    """The columns of a row that tell something of the client."""
    return {
        column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in _INTERNAL_COLUMNS
    }


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
