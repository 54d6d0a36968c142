"""Export all data of one client as a zip: lists for people and programs, what they can train, clips, results, marks."""

import csv
import io
import json
import secrets
import shutil
import time
import zipfile
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path, PurePosixPath

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from analyzer.coaching.comfort_over_time import FilmedClip
from analyzer.coaching.training_options import find_active_referral, list_training_options
from analyzer.export.spreadsheet import escape_formula
from api.db import analyses, clients, clips, sessions
from api.db.engine import Database
from api.db.models import AnalysisMarks, AnalysisRow, Base, Client, ClipRow, CoachingSession, ShareLink
from api.db.sessions import StepWithClip
from api.json_object import JsonObject
from api.storage.file_store import FileStore, result_key
from api.storage.stored_results import read_result

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
_TRIES = 3  # a newer result may replace one while it is read; chosen
_SESSION_COLUMNS = ("started_at", "session", "step", "cue", "load_kg", "note", "skipped", "analysis")
_COLUMNS = ("sent_at", "recorded_at", "clip", "movement", "variant", "load_kg", "status", "note", "folder")


def write_client_zip(database: Database, files: FileStore, owner_id: str, id: str, folder: Path) -> Path | None:
    """Write the zip as a new file in `folder`, which the caller removes; None if there is no such client.

    Clips of batches outside the service, and missing clips, are named in the lists but not copied.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"client-{id}-{secrets.token_hex(8)}.zip"
    tries = count(1)
    while True:
        with database.read_session() as session:
            client = clients.get(session, owner_id, id)
            exported = [] if client is None else _list_analyses(session, client)
            exported_sessions = [] if client is None else _list_sessions(session, client)
        if client is None:
            return None
        try:
            _write(path, files, client, exported, exported_sessions)
            return path
        except FileNotFoundError:  # replaced or deleted since the rows were read
            path.unlink(missing_ok=True)
            if next(tries) >= _TRIES:
                raise
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def remove_exports(folder: Path, *, client_id: str = "*", older_than_s: float = 0.0) -> None:
    """Remove the zips that an ended process, or an interrupted download, left; copies, so that nothing is lost."""
    for path in folder.glob(f"client-{client_id}-*.zip"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime >= older_than_s:
                path.unlink()


@dataclass(frozen=True)
class _ExportedAnalysis:
    """An analysis to export: its stored fields, and where its files lie."""

    row: AnalysisRow
    clip: ClipRow
    marks: JsonObject | None
    links: Sequence[ShareLink]

    @property
    def filmed_at(self) -> datetime:
        """Return when the clip was recorded, or when it was submitted where that is unknown."""
        return self.clip.recorded_at or self.row.created_at

    @property
    def folder(self) -> str:
        """Return the folder of the analysis inside the zip."""
        return f"{self.filmed_at.date()}_{self.row.id}"

    def to_json(self, *, is_clip_missing: bool) -> JsonObject:
        """Return the fields of `client.json`."""
        clip = _select_fields(self.clip) | ({} if self.clip.managed else {"url": self.clip.url})
        return {
            **_select_fields(self.row),
            "clip": clip | ({"missing": True} if is_clip_missing else {}),
            "marks": self.marks,
            "links": [_select_fields(link) for link in self.links],
            "folder": self.folder,
        }


def _list_analyses(session: Session, client: Client) -> list[_ExportedAnalysis]:
    """Collect everything that is stored of a client's analyses."""
    rows = analyses.list_for_client(session, client.owner_id, client.id)
    clips_by_id = clips.get_many(session, [row.clip_id for row in rows])
    exported = []
    for row in rows:
        marks = session.get(AnalysisMarks, row.id)
        links = session.scalars(
            select(ShareLink).where(ShareLink.analysis_id == row.id).order_by(ShareLink.created_at)
        ).all()
        exported.append(_ExportedAnalysis(row, clips_by_id[row.clip_id], None if marks is None else marks.body, links))
    return exported


@dataclass(frozen=True)
class _ExportedSession:
    """A session to export, with its steps."""

    row: CoachingSession
    steps: Sequence[StepWithClip]

    def to_json(self) -> JsonObject:
        """Return the fields of `client.json`."""
        steps = [_select_fields(step.row) | {"analysis_id": step.analysis_id} for step in self.steps]
        return {**_select_fields(self.row), "steps": steps}


def _list_sessions(session: Session, client: Client) -> list[_ExportedSession]:
    """Collect the sessions of a client, oldest first."""
    rows = sessions.list_for_client(session, client.owner_id, client.id)
    steps = sessions.list_steps(session, [row.id for row in rows])
    return [_ExportedSession(row, steps[row.id]) for row in rows]


def _write(
    path: Path,
    files: FileStore,
    client: Client,
    exported: Sequence[_ExportedAnalysis],
    exported_sessions: Sequence[_ExportedSession],
) -> None:
    missing = {
        analysis.row.id for analysis in exported if analysis.clip.managed and not files.exists(analysis.clip.url)
    }
    record = {
        "client": _select_fields(client),
        "analyses": [analysis.to_json(is_clip_missing=analysis.row.id in missing) for analysis in exported],
        "sessions": [session.to_json() for session in exported_sessions],
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("client.json", json.dumps(record, indent=2, ensure_ascii=False, default=_to_text))
        archive.writestr("analyses.csv", _format_table(exported, missing))
        archive.writestr("can_train.json", _list_trainable(files, exported))
        if exported_sessions:
            archive.writestr("sessions.csv", _format_session_table(exported_sessions))
        for analysis in exported:
            if analysis.clip.managed and analysis.row.id not in missing:
                _add(
                    archive, files, analysis.clip.url, f"{analysis.folder}/clip/{PurePosixPath(analysis.clip.url).name}"
                )
            if analysis.row.run is not None:
                prefix = result_key(analysis.row.id, analysis.row.run)
                for key in files.list(prefix):
                    _add(archive, files, key, f"{analysis.folder}/{key.removeprefix(prefix + '/')}")
            if analysis.marks is not None:
                archive.writestr(
                    f"{analysis.folder}/marks.json", json.dumps(analysis.marks, indent=2, ensure_ascii=False)
                )


def _list_trainable(files: FileStore, exported: Sequence[_ExportedAnalysis]) -> str:
    """Return what the client can train, as the timeline has it; results of an older version are left out."""
    filmed = []
    for analysis in sorted(exported, key=lambda analysis: analysis.filmed_at):
        if analysis.row.run is not None:
            with suppress(FileNotFoundError, ValidationError):
                result = read_result(files, analysis.row.id, analysis.row.run)
                filmed.append(FilmedClip(analysis.row.id, analysis.filmed_at, result))
    trainable = {
        "referral": find_active_referral(filmed),
        "can_train": [option.model_dump(mode="json") for option in list_training_options(filmed)],
    }
    return json.dumps(trainable, indent=2, ensure_ascii=False)


def _add(archive: zipfile.ZipFile, files: FileStore, key: str, name: str) -> None:
    info = zipfile.ZipInfo(name)
    info.compress_type = (
        zipfile.ZIP_STORED if PurePosixPath(name).suffix.lower() in _COMPRESSED_SUFFIXES else zipfile.ZIP_DEFLATED
    )
    with files.open(key) as source, archive.open(info, "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target, 2**20)


def _format_table(exported: Sequence[_ExportedAnalysis], missing: Collection[str]) -> str:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    for analysis in exported:
        row, name = analysis.row, analysis.clip.name
        values = (
            row.created_at,
            analysis.clip.recorded_at,
            f"{name} (missing)" if row.id in missing else name,
            (row.summary or {}).get("movement") or row.movement,
            row.variant,
            row.load_kg,
            row.status,
            row.note,
            analysis.folder,
        )
        table.writerow(value.isoformat() if isinstance(value, datetime) else escape_formula(value) for value in values)
    return text.getvalue()


def _format_session_table(exported_sessions: Sequence[_ExportedSession]) -> str:
    """Return a table for people, one row a step."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_SESSION_COLUMNS)
    for session in exported_sessions:
        for step in session.steps:
            row = step.row
            values = (row.title, row.cue, row.load_kg, row.note, "yes" if row.skipped else "", step.analysis_id)
            cells = (escape_formula(value) for value in (session.row.title, *values))
            table.writerow([session.row.started_at.isoformat(), *cells])
    return text.getvalue()


def _select_fields(row: Base) -> JsonObject:
    """Return the columns of a row that are the client's data."""
    return {
        column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in _INTERNAL_COLUMNS
    }


def _to_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
