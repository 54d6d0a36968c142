"""Owners take turns in the queue, on SQLite and on PostgreSQL."""

from sqlalchemy import select

from api.db import analyses, clips
from api.db.models import AnalysisRow


class TestTurns:
    """Owners take turns in the queue."""

    def serve(self, database):
        """The id and owner of the clip that is next, as the job store orders them."""
        with database.session() as session:
            rows = session.scalars(select(AnalysisRow).where(AnalysisRow.status == "queued")).all()
            row = min(rows, key=lambda row: (row.priority, row.created_at))
            row.status = "done"
            return row.owner_id

    def send(self, database, owner, first=analyses.SINGLE_PRIORITY):
        with database.session() as session:
            clip = clips.create(session, owner, name="a.mp4", sha256="0", size_bytes=1, url="a")
            priority = analyses.find_fair_priority(session, owner, first)
            analyses.create(session, owner, clip.id, priority=priority)

    def test_one_clip_waits_for_no_long_queue_of_another_owner(self, database, ann, bob):
        for _ in range(50):
            self.send(database, ann)
        for _ in range(10):
            self.serve(database)
        self.send(database, bob)
        assert bob in [self.serve(database) for _ in range(2)]

    def test_an_owner_who_goes_on_sending_starves_nobody(self, database, ann, bob):
        for _ in range(20):
            self.send(database, ann)
        self.send(database, bob)
        served = []
        for _ in range(20):
            served.append(self.serve(database))
            if served[-1] == bob:
                self.send(database, bob)
        assert 8 <= served.count(ann) <= 12

    def test_single_clips_go_before_those_of_batches(self, database, ann, bob):
        for _ in range(3):
            self.send(database, bob, analyses.BATCH_PRIORITY)
        for _ in range(3):
            self.send(database, ann)
        assert [self.serve(database) for _ in range(4)] == [ann] * 3 + [bob]

    def test_an_owner_alone_is_served_in_order(self, database, ann):
        for _ in range(5):
            self.send(database, ann)
        with database.read_session() as session:
            rows = session.scalars(select(AnalysisRow).order_by(AnalysisRow.created_at)).all()
            assert [row.priority for row in rows] == [1, 2, 3, 4, 5]
