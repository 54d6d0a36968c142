"""Rows and files as the service leaves them, for tests of what deletes and what exports them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from api.db import analyses, clips, idempotency, owners, shares
from api.db.models import AnalysisRow, Base, new_id, now
from tests.api.service import RecordingJobQueue

MARKS = {"reports": [{"time_s": 1.5, "where": "low back", "strength": 4}]}


@pytest.fixture
def jobs():
    return RecordingJobQueue()


class Store:
    """Rows and files as the service leaves them."""

    def __init__(self, database, files, folder):
        self.database, self.files, self.folder = database, files, folder

    def owner(self, name):
        with self.database.session() as session:
            return owners.create(session, name).id

    def put(self, key, content=b"x"):
        local = self.folder / "made"
        local.write_bytes(content)
        self.files.put(local, key)

    def analysis(self, owner_id, *, done=True, days_ago=0.0, name="deadlift.mp4", **options):
        clip_id = new_id("clp")
        self.put(f"clips/{owner_id}/{clip_id}/{name}", b"film")
        with self.database.session() as session:
            url = f"clips/{owner_id}/{clip_id}/{name}"
            clips.create(session, owner_id, id=clip_id, name=name, url=url, size_bytes=4)
            row = analyses.create(session, owner_id, clip_id, **options)
            row.created_at = now() - timedelta(days=days_ago)
        if done:
            for file in ("angles.csv", "report.html", "analysis.json"):
                self.put(f"results/{row.id}/run1/{file}", f"{row.id} {file}".encode())
            with self.database.session() as session:
                assert analyses.mark_done(session, row.id, "run1", {"movement": "hinge"})
                analyses.set_marks(session, owner_id, row.id, MARKS)
                session.get_one(AnalysisRow, row.id).measured_revision = 1
                shares.create(session, owner_id, row.id, 30)
                idempotency.save_response(
                    session, owner_id, f"key-{row.id}", "print", 202, {"id": row.id, "note": "desk job"}
                )
        return row.id

    def keys(self):
        return sorted(self.files.list(""))

    def rows(self, table):
        with self.database.session() as session:
            return session.scalar(select(func.count()).select_from(table))

    def all_rows(self):
        return {table.name: self.rows(table) for table in Base.metadata.tables.values()}

    def set(self, id, **values):
        with self.database.session() as session:
            for name, value in values.items():
                setattr(session.get_one(AnalysisRow, id), name, value)


@pytest.fixture
def store(database, files, tmp_path):
    return Store(database, files, tmp_path)


@pytest.fixture
def ann(store):
    return store.owner("ann")
