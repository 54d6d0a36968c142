"""Deleting with every trace, keeping no longer than told, sweeping orphans, and giving a client's data out."""

import json
import shutil
import time
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from analyzer.files import atomic_write
from api.db import analyses, clients, clips, remembered
from api.db.engine import Database
from api.db.models import Analysis, Batch, Clip, Mark, Pairing, Share, SignIn, now
from api.files import Files
from api.jobs.port import Jobs

ORPHAN_S = 3600.0
"""What nothing names is left alone for this long: it may belong to a request or a job that is under way; chosen."""


def delete_analysis(database: Database, files: Files, jobs: Jobs, owner_id: str, id: str) -> bool:
    """Remove an analysis with its clip, if no other needs it, its files and jobs; False where there is none."""
    with database.session() as session:
        row = analyses.delete(session, owner_id, id)
        if row is None:
            return False
        gone = _drop_clip(session, row.clip_id)
    jobs.cancel(id)
    jobs.forget(id)
    files.delete_tree(f"results/{id}")
    if gone is not None:
        files.delete_tree(gone)
    return True


def _drop_clip(session: Session, clip_id: str) -> str | None:
    """Remove the row of a clip that no analysis needs; gives the place of its bytes if they are ours."""
    clip = session.get(Clip, clip_id)
    if clip is None or not clips.unused(session, clip_id):
        return None
    session.delete(clip)
    return f"clips/{clip.owner_id}/{clip.id}" if clip.managed else None


def delete_client(database: Database, files: Files, jobs: Jobs, owner_id: str, id: str) -> bool:
    """Remove a client with all their analyses; False where there is none."""
    with database.session() as session:
        if clients.get(session, owner_id, id) is None:
            return False
    while ids := _ids_of(database, owner_id, id):  # again, for one that was added meanwhile
        for analysis_id in ids:
            delete_analysis(database, files, jobs, owner_id, analysis_id)
    with database.session() as session:
        row = clients.get(session, owner_id, id)
        if row is not None:
            session.delete(row)
    return True


def _ids_of(database: Database, owner_id: str, client_id: str) -> list[str]:
    with database.session() as session:
        return [row.id for row in analyses.timeline(session, owner_id, client_id)]


def delete_old(database: Database, files: Files, jobs: Jobs, days: float) -> int:
    """Remove analyses that ended more than so many days ago, and batches left empty; gives how many."""
    before = now() - timedelta(days=days)
    with database.session() as session:
        query = select(Analysis.owner_id, Analysis.id).where(
            Analysis.finished_at < before, Analysis.status.in_(analyses.ENDED)
        )
        old = session.execute(query).all()
    for owner_id, id in old:
        delete_analysis(database, files, jobs, owner_id, id)
    with database.session() as session:
        used = select(Analysis.batch_id).where(Analysis.batch_id.is_not(None))
        for batch in session.scalars(select(Batch).where(Batch.created_at < before, Batch.id.not_in(used))):
            session.delete(batch)
            files.delete_tree(f"batches/{batch.id}")
    return len(old)


def forget_old(database: Database) -> None:
    """Remove what has run out: remembered answers, pairing links, sign-ins and shared links."""
    with database.session() as session:
        remembered.forget_old(session)
        for table in (Pairing, SignIn, Share):
            for row in session.scalars(select(table).where(table.expires_at < now() - timedelta(days=1))):
                session.delete(row)


def sweep(database: Database, files: Files, *, older_than_s: float = ORPHAN_S) -> list[str]:
    """Remove files of clips and results that no row names, left by whatever was killed; gives their places."""
    removed = []
    for place, keys in _places(files):
        with database.session() as session:
            wanted = _wanted(session, place)
        if wanted or not _older(files, keys, older_than_s):
            continue
        files.delete_tree(place)
        removed.append(place)
    return removed


def _places(files: Files) -> Iterator[tuple[str, list[str]]]:
    """`clips/<owner>/<clip>` and `results/<analysis>/<run>`, each with its files."""
    for top in ("clips", "results"):
        place, keys = "", list[str]()
        for key in files.list(top):
            own = "/".join(key.split("/")[:3])
            if own != place and keys:
                yield place, keys
                keys = []
            place = own
            keys.append(key)
        if keys:
            yield place, keys


def _wanted(session: Session, place: str) -> bool:
    top, first, last = (*place.split("/"), "", "")[:3]
    if top == "clips":
        return session.get(Clip, last) is not None
    row = session.get(Analysis, first)
    return row is not None and (row.run == last or row.status in analyses.OPEN)


def _older(files: Files, keys: list[str], seconds: float) -> bool:
    try:
        return all(time.time() - files.modified_s(key) > seconds for key in keys)
    except FileNotFoundError:
        return False


def sweep_folder(folder: Path, *, older_than_s: float) -> int:
    """Remove what lies in a folder of unfinished work, such as uploads, for longer than this; gives how many."""
    removed = 0
    for path in folder.rglob("*") if folder.is_dir() else ():
        try:
            if path.is_file() and time.time() - path.stat().st_mtime > older_than_s:
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue
    return removed


def export_client(database: Database, files: Files, owner_id: str, id: str, folder: Path) -> Path | None:
    """Everything of one client as a zip in `folder`, which the caller removes; None where there is no such client."""
    with database.session() as session:
        client = clients.get(session, owner_id, id)
        if client is None:
            return None
        rows = list(analyses.timeline(session, owner_id, id))
        by_id = clips.by_ids(session, [row.clip_id for row in rows])
        marks = {row.id: mark.body for row in rows if (mark := session.get(Mark, row.id)) is not None}
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"export-{id}-{time.time_ns()}.zip"
    with atomic_write(target) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as out:
        told: dict[str, Any] = {
            "client": {"name": client.name, "note": client.note, "created_at": client.created_at.isoformat()},
            "analyses": [_told(row, by_id[row.clip_id]) for row in rows],
        }
        out.writestr("client.json", json.dumps(told, indent=2, ensure_ascii=False))
        for number, row in enumerate(rows, 1):
            clip, place = by_id[row.clip_id], f"{number:03d}-{row.created_at:%Y-%m-%d}"
            if clip.managed:
                _add(out, files, clip.url, f"{place}/{clip.url.rsplit('/', 1)[-1]}")
            if row.id in marks:
                out.writestr(f"{place}/marks.json", json.dumps(marks[row.id], indent=2, ensure_ascii=False))
            if row.run is not None:
                for key in files.list(f"results/{row.id}/{row.run}"):
                    _add(out, files, key, f"{place}/{key.rsplit('/', 1)[-1]}")
    return target


def _told(row: Analysis, clip: Clip) -> dict[str, Any]:
    own = ("movement", "variant", "load_kg", "height_cm", "subject", "note", "status", "error")
    facts = {name: getattr(row, name) for name in own}
    recorded_at = clip.recorded_at.isoformat() if clip.recorded_at is not None else None
    return {
        "id": row.id,
        "clip": clip.name,
        "recorded_at": recorded_at,
        "created_at": row.created_at.isoformat(),
    } | facts


def _add(out: zipfile.ZipFile, files: Files, key: str, name: str) -> None:
    """A stored file; videos are packed already. One that is gone by now is left out."""
    try:
        with files.open(key) as source, out.open(zipfile.ZipInfo(name, time.localtime()[:6]), "w") as target:
            shutil.copyfileobj(source, target)
    except FileNotFoundError:
        return
