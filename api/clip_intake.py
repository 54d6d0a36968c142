"""Taking a clip in: checked, stored, written down, and handed to the jobs; the same request twice is one analysis."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.db import analyses, clients, clips
from api.db import idempotency as remembered
from api.db.models import new_id
from api.dependencies import Services
from api.jobs.interface import push_or_log
from api.problem_details import Problem, not_found
from api.schemas import AnalysisOptions, AnalysisStatus
from api.serializers import serialize_analysis

PENDING_STATUS_CODE = 102  # remembered of a request that has no answer yet


@dataclass(frozen=True)
class ReceivedClip:
    """A clip on this machine's disk."""

    path: Path
    name: str
    size_bytes: int


@dataclass(frozen=True)
class IdempotencyKey:
    """An Idempotency-Key and what it was sent with."""

    key: str
    fingerprint: str


def build_idempotency_key(key: str | None, options: AnalysisOptions, print: str) -> IdempotencyKey | None:
    """The key with a fingerprint of the request; None without a key."""
    if key is None:
        return None
    told = json.dumps([options.model_dump(mode="json"), print], sort_keys=True)
    return IdempotencyKey(key, hashlib.sha256(told.encode()).hexdigest())


def find_earlier_answer(services: Services, owner_id: str, idempotency: IdempotencyKey | None) -> dict[str, Any] | None:
    """The answer that was given to the same request before.

    Raises Problem 422 where it was another request, 409 where there is no answer yet.
    """
    if idempotency is None:
        return None
    with services.database.read_session() as session:
        found = remembered.find_response(session, owner_id, idempotency.key)
        if found is None:
            return None
        if found.fingerprint != idempotency.fingerprint:
            raise Problem(
                422,
                "key-used",
                "This Idempotency-Key was sent before with another clip or other fields. Take a new key.",
            )
        if found.status_code == PENDING_STATUS_CODE:
            detail = (
                f"The same request is under way, or was cut off: see {found.body['id']}. Take a new key to begin anew."
            )
            raise Problem(409, "under-way", detail, headers={"Retry-After": "10"})
        return dict(found.body)


def check_quota(services: Services, owner_id: str, more: int = 1) -> None:
    """Whether the owner may queue more; raises Problem 429 or 507."""
    settings = services.settings
    with services.database.read_session() as session:
        queued = analyses.count_queued(session, owner_id)
        used = clips.sum_stored_bytes(session, owner_id) if settings.max_storage_bytes_per_owner is not None else 0
    if queued + more > settings.max_queued_per_owner:
        raise Problem(
            429,
            "queue-full",
            f"{queued} clips are waiting already, at most {settings.max_queued_per_owner} may. "
            "Send more once some are done, or send them as a batch.",
            headers={"Retry-After": "60"},
        )
    if settings.max_storage_bytes_per_owner is not None and used >= settings.max_storage_bytes_per_owner:
        raise Problem(507, "storage-full", "Your storage is full. Delete analyses that you no longer need.")


def accept_clip(
    services: Services,
    owner_id: str,
    received_clip: ReceivedClip,
    options: AnalysisOptions,
    *,
    idempotency: IdempotencyKey | None = None,
    batch_id: str | None = None,
    priority: int = analyses.SINGLE_PRIORITY,
) -> AnalysisStatus | dict[str, Any]:
    """Check, store and queue a clip; gives its status, or an earlier answer as it was given.

    Raises Problem 422 where the clip is refused, 404 where there is no such client.
    """
    facts = services.prober.probe(received_clip.path, received_clip.name)
    clip_id = new_id("clp")
    key = f"clips/{owner_id}/{clip_id}/{_stored_name(received_clip.name, facts.ending)}"
    with services.database.session() as session:
        client_id = resolve_client_id(session, owner_id, options.client)
    services.files.put(received_clip.path, key)
    try:
        with services.database.session() as session:
            clips.create(
                session,
                owner_id,
                id=clip_id,
                name=received_clip.name,
                sha256=facts.sha256,
                size_bytes=received_clip.size_bytes,
                url=key,
                recorded_at=options.recorded_at,
            )
            row = analyses.create(
                session,
                owner_id,
                clip_id,
                client_id=client_id,
                batch_id=batch_id,
                movement=options.movement,
                variant=options.variant,
                load_kg=options.load_kg,
                height_cm=options.height_cm,
                subject=options.subject,
                note=options.note,
                priority=priority,
            )
            session.flush()
            status = serialize_analysis(session, row)
            if idempotency is not None:
                remembered.save_response(
                    session, owner_id, idempotency.key, idempotency.fingerprint, 202, status.model_dump(mode="json")
                )
    except BaseException as error:
        services.files.delete_tree(f"clips/{owner_id}/{clip_id}")
        if isinstance(error, IntegrityError):
            if (earlier := find_earlier_answer(services, owner_id, idempotency)) is not None:
                return earlier
            _check_client(services, owner_id, client_id)
        raise
    services.metrics.uploaded.inc(received_clip.size_bytes)
    push_or_log(services.jobs.submit, status.id, priority)
    return status


def _check_client(services: Services, owner_id: str, id: str | None) -> None:
    """Raise Problem 404 for a client who was deleted while the clip was taken in."""
    if id is None:
        return
    with services.database.read_session() as session:
        if clients.get(session, owner_id, id) is None:
            raise not_found("client")


def resolve_client_id(session: Session, owner_id: str, told: str | None) -> str | None:
    """Id of the client with this id or name; one is made for a new name."""
    if told is None:
        return None
    if told.startswith("cli_"):
        if clients.get(session, owner_id, told) is None:
            raise not_found("client")
        return told
    return clients.get_or_create(session, owner_id, told).id


def _stored_name(name: str, ending: str) -> str:
    stem = name.rpartition(".")[0] or name
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in stem)[:60]
    return f"{plain or 'clip'}.{ending}"
