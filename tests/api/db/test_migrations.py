"""Migrations of a database that has rows."""

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from api.db import analyses, clips, owners


def migrate_to(database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "api:db/migrations")
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        move = command.upgrade if revision == "head" else command.downgrade
        move(config, revision)


def test_analyses_and_their_marks_survive_the_column_of_repeats(database):
    with database.session() as session:
        owner = owners.create(session, "ann")
        clip = clips.create(session, owner.id, name="a.mp4", url="clips/a")
        row = analyses.create(session, owner.id, clip.id, repeat_of="ana_first")
        analyses.set_marks(session, owner.id, row.id, {"reports": []})
    migrate_to(database, "0001")
    with database.engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM marks")) == 1
    migrate_to(database, "head")
    with database.session() as session:
        read = analyses.get(session, owner.id, row.id)
        assert read is not None
        assert read.repeat_of is None
        assert analyses.get_marks(session, owner.id, row.id) is not None
