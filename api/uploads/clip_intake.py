"""Accept a clip: probe, store, record and queue it. A repeated request gives one analysis."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.db import analyses, clients, clips, idempotency
from api.db.models import AnalysisRow, ClipRow, new_id
from api.dependencies import Services
from api.jobs.interface import push_or_log
from api.json_object import JsonObject
from api.responses.problem_details import Problem, not_found
from api.responses.storage_problems import check_identity, check_space
from api.schemas.analyses import AnalysisOptions, AnalysisStatus
from api.serializers.analyses import serialize_analysis
from api.uploads.repeat_options import complete_repeat_options

PENDING_STATUS_CODE = 102  # stored for a request that has no answer yet


@dataclass(frozen=True)
class ReceivedClip:
    """A clip on the disk of this machine."""

    path: Path
    name: str
    size_bytes: int


@dataclass(frozen=True)
class IdempotencyKey:
    """An Idempotency-Key, and a fingerprint of its request."""

    key: str
    fingerprint: str


def build_idempotency_key(key: str | None, options: AnalysisOptions, content_hash: str) -> IdempotencyKey | None:
    """Return the key with a fingerprint of the request; None without a key."""
    if key is None:
        return None
    content = json.dumps([options.model_dump(mode="json"), content_hash], sort_keys=True)
    return IdempotencyKey(key, hashlib.sha256(content.encode()).hexdigest())


def find_earlier_answer(services: Services, owner_id: str, idempotency_key: IdempotencyKey | None) -> JsonObject | None:
    """Return the answer to an earlier request with the same key.

    Raises Problem 422 if that request was another one, 409 if it has no answer yet.
    """
    if idempotency_key is None:
        return None
    with services.database.read_session() as session:
        stored = idempotency.find_response(session, owner_id, idempotency_key.key)
        if stored is None:
            return None
        if stored.fingerprint != idempotency_key.fingerprint:
            raise Problem(
                422,
                "key-used",
                "This Idempotency-Key was already used with another clip or other fields. Use a new key.",
            )
        if stored.status_code == PENDING_STATUS_CODE:
            detail = f"The same request is running or was cut off: see {stored.body['id']}. Use a new key to restart."
            raise Problem(409, "under-way", detail, headers={"Retry-After": "10"})
        return dict(stored.body)


def check_quota(services: Services, owner_id: str, more: int = 1) -> None:
    """Check that the owner may queue more clips, and that the service can store them; raise Problem 429, 503 or 507."""
    settings = services.settings
    check_identity(services.store)
    check_space(services.disk)
    with services.database.read_session() as session:
        queued = analyses.count_queued(session, owner_id)
    if queued + more > settings.max_queued_per_owner:
        raise Problem(
            429,
            "queue-full",
            f"{queued} clips are queued; the maximum is {settings.max_queued_per_owner}. "
            "Send more when some are done, or send a batch.",
            headers={"Retry-After": "60"},
        )
    check_stored_bytes(services, owner_id)


def check_stored_bytes(services: Services, owner_id: str, more_bytes: int = 0) -> None:
    """Check that the owner's clips, with so many bytes more, are below the owner's limit; raise Problem 507."""
    limit_bytes = services.settings.max_storage_bytes_per_owner
    if limit_bytes is None:
        return
    with services.database.read_session() as session:
        used_bytes = clips.sum_stored_bytes(session, owner_id)
    if used_bytes + more_bytes >= limit_bytes:
        raise Problem(507, "storage-full", "Your storage is full. Delete analyses that you no longer need.")


def accept_clip(
    services: Services,
    owner_id: str,
    received_clip: ReceivedClip,
    options: AnalysisOptions,
    *,
    idempotency_key: IdempotencyKey | None = None,
    batch_id: str | None = None,
    priority: int = analyses.SINGLE_PRIORITY,
) -> AnalysisStatus | JsonObject:
    """Probe, store and queue a clip; return its status, or the answer to an earlier request with the same key.

    Raises Problem 422 if the clip is refused, 404 if there is no such client.
    """
    facts = services.prober.probe(received_clip.path, received_clip.name)
    clip_id = new_id("clp")
    key = f"clips/{owner_id}/{clip_id}/{_stored_name(received_clip.name, facts.ending)}"
    with services.database.session() as session:
        options = complete_repeat_options(session, owner_id, options)
        client_id = resolve_client_id(session, owner_id, options.client)
    services.files.put(received_clip.path, key)
    try:
        with services.database.session() as session:
            clip = clips.create(
                session,
                owner_id,
                id=clip_id,
                name=received_clip.name,
                sha256=facts.sha256,
                size_bytes=received_clip.size_bytes,
                url=key,
                recorded_at=options.recorded_at,
            )
            row = _create_analysis(session, clip, client_id, options, batch_id, priority)
            status, job_priority = serialize_analysis(session, row), row.priority
            if idempotency_key is not None:
                body = status.model_dump(mode="json")
                idempotency.save_response(
                    session, owner_id, idempotency_key.key, idempotency_key.fingerprint, 202, body
                )
    except BaseException as error:
        services.files.delete_tree(f"clips/{owner_id}/{clip_id}")
        if isinstance(error, IntegrityError):
            if (earlier := find_earlier_answer(services, owner_id, idempotency_key)) is not None:
                return earlier
            _check_client(services, owner_id, client_id)
        raise
    services.metrics.uploaded.inc(received_clip.size_bytes)
    push_or_log(services.jobs.submit, status.id, job_priority)
    return status


def _create_analysis(
    session: Session,
    clip: ClipRow,
    client_id: str | None,
    options: AnalysisOptions,
    batch_id: str | None,
    priority: int,
) -> AnalysisRow:
    row = analyses.create(
        session,
        clip.owner_id,
        clip.id,
        client_id=client_id,
        batch_id=batch_id,
        repeat_of=options.repeat_of,
        movement=options.movement,
        variant=options.variant,
        load_kg=options.load_kg,
        height_cm=options.height_cm,
        subject=options.subject,
        note=options.note,
        priority=analyses.find_fair_priority(session, clip.owner_id, priority),
    )
    session.flush()
    return row


def _check_client(services: Services, owner_id: str, id: str | None) -> None:
    """Raise Problem 404 for a client who was deleted while the clip was received."""
    if id is None:
        return
    with services.database.read_session() as session:
        if clients.get(session, owner_id, id) is None:
            raise not_found("client")


def resolve_client_id(session: Session, owner_id: str, id_or_name: str | None) -> str | None:
    """Return the id of the client with this id or name; a new name creates a client."""
    if id_or_name is None:
        return None
    if id_or_name.startswith("cli_"):
        if clients.get(session, owner_id, id_or_name) is None:
            raise not_found("client")
        return id_or_name
    return clients.get_or_create(session, owner_id, id_or_name).id


def _stored_name(name: str, ending: str) -> str:
    stem = name.rpartition(".")[0] or name
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in stem)[:60]
    return f"{plain or 'clip'}.{ending}"
