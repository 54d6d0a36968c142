"""Tables. Times are in UTC with their zone; ids are random, so that they cannot be guessed.

Some columns are only for people who inspect the database: the browser of a sign-in, host and start of a worker, when
marks were changed.
"""

import secrets
from datetime import UTC, datetime
from typing import ClassVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, ForeignKey, Index, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from api.json_object import JsonObject


def new_id(prefix: str) -> str:
    """Return an id: `prefix` and 80 random bits."""
    return f"{prefix}_{secrets.token_hex(10)}"


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class UtcTime(TypeDecorator[datetime]):
    """A time with its zone, also in SQLite, which stores none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; refuse times without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without its zone: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Restore the zone of a stored time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables; named constraints let migrations refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: UtcTime, JsonObject: JSON, str: String}


_OWNER = "owners.id"


class Owner(Base):
    """An owner of clips: a coach or a gym."""

    __tablename__ = "owners"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ApiKey(Base):
    """A key for programs; only its hash is stored."""

    __tablename__ = "keys"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey(_OWNER, ondelete="CASCADE"), index=True)
    name: Mapped[str]
    secret_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Pairing(Base):
    """A link that signs one phone in, once."""

    __tablename__ = "pairings"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey(_OWNER, ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignIn(Base):
    """A signed-in browser."""

    __tablename__ = "sign_ins"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey(_OWNER, ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    user_agent: Mapped[str] = mapped_column(default="")
    name: Mapped[str | None]


class Client(Base):
    """A person who is filmed."""

    __tablename__ = "clients"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey(_OWNER, ondelete="CASCADE"))
    name: Mapped[str]
    note: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index("ix_clients_owner_id_created_at", "owner_id", "created_at", "id"),)


class ClipRow(Base):
    """A clip: `url` is a key in the file store, or, if not `managed`, a URL that is read and never deleted."""

    __tablename__ = "clips"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey(_OWNER, ondelete="CASCADE"), index=True)
    name: Mapped[str]
    sha256: Mapped[str | None]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    url: Mapped[str]
    managed: Mapped[bool] = mapped_column(default=True)
    recorded_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Batch(Base):
    """Clips that were sent together. `fed` clips of its manifest have a row.

    A deleted one has no name and no names of files; its options stay as long as it has analyses, which need them.
    """

    __tablename__ = "batches"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey(_OWNER, ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(default="")
    total: Mapped[int | None]
    options: Mapped[JsonObject] = mapped_column(default=dict)
    manifest_url: Mapped[str | None]
    fed: Mapped[int] = mapped_column(default=0)
    cancelled_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index("ix_batches_owner_id_created_at", "owner_id", "created_at", "id"),)


class AnalysisRow(Base):
    """An analysis of one clip. `run` names the files of its result and is set when it is done."""

    __tablename__ = "analyses"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey(_OWNER, ondelete="CASCADE"))
    clip_id: Mapped[str] = mapped_column(ForeignKey("clips.id"), index=True)
    client_id: Mapped[str | None] = mapped_column(ForeignKey("clients.id"), index=True)
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("batches.id"), index=True)
    repeat_of: Mapped[str | None] = mapped_column(index=True)  # of an analysis, also after its deletion
    movement: Mapped[str] = mapped_column(default="auto")
    variant: Mapped[str | None]
    load_kg: Mapped[float | None]
    height_cm: Mapped[float | None]
    subject: Mapped[str] = mapped_column(default="auto")
    note: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="queued")
    stage: Mapped[str | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    eta_s: Mapped[float | None]
    revision: Mapped[int] = mapped_column(default=1)
    starts: Mapped[int] = mapped_column(default=0)
    run: Mapped[str | None]
    worker_id: Mapped[str | None]
    priority: Mapped[int] = mapped_column(default=1)
    summary: Mapped[JsonObject | None]
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    marks_revision: Mapped[int] = mapped_column(default=0)  # also counts the details that are measured with
    measured_revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_analyses_owner_id_created_at", "owner_id", "created_at", "id"),
        Index("ix_analyses_status_created_at", "status", "created_at"),
    )


class AnalysisMarks(Base):
    """Marks of an analysis: symptom reports of the client and additions of the coach, see `docs/marks.md`."""

    __tablename__ = "marks"
    analysis_id: Mapped[str] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    body: Mapped[JsonObject]
    revision: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class CoachingSession(Base):
    """A session with a client; plan, title, kind and minutes are those of its plan when it began."""

    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey(_OWNER, ondelete="CASCADE"))
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    plan: Mapped[str]
    title: Mapped[str]
    kind: Mapped[str]
    minutes: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index("ix_sessions_owner_id_created_at", "owner_id", "created_at", "id"),)


class SessionStep(Base):
    """A step of a session: what its plan states, the clip, and what the coach wrote. A deleted clip leaves none."""

    __tablename__ = "session_steps"
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    title: Mapped[str]
    instructions: Mapped[str]
    movement: Mapped[str | None]
    has_cue: Mapped[bool]
    can_be_loaded: Mapped[bool]
    analysis_id: Mapped[str | None] = mapped_column(ForeignKey("analyses.id", ondelete="SET NULL"), index=True)
    cue: Mapped[str] = mapped_column(default="")
    load_kg: Mapped[float | None]
    note: Mapped[str] = mapped_column(default="")
    skipped: Mapped[bool] = mapped_column(default=False)
    noted: Mapped[bool] = mapped_column(default=False)
    redo: Mapped[bool] = mapped_column(default=False)


class ShareLink(Base):
    """A link to the client's page of one analysis."""

    __tablename__ = "shares"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey(_OWNER, ondelete="CASCADE"), index=True)
    analysis_id: Mapped[str] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class IdempotentResponse(Base):
    """The answer to a request with an idempotency key."""

    __tablename__ = "remembered"
    owner_id: Mapped[str] = mapped_column(ForeignKey(_OWNER, ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status_code: Mapped[int]
    body: Mapped[JsonObject]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class Worker(Base):
    """A worker process, and its last heartbeat. One that waits for something takes no jobs."""

    __tablename__ = "workers"
    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(default=now)
    heartbeat_at: Mapped[datetime] = mapped_column(default=now)
    waits_for: Mapped[str | None]


class ServiceState(Base):
    """A value that the service stores about itself: see `api.db.service_state`."""

    __tablename__ = "service_state"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class PendingDeletion(Base):
    """Files that a deletion has still to remove: its rows are deleted already."""

    __tablename__ = "pending_deletions"
    prefix: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
