"""Accept a batch: its row, and each of its clips; what is refused is listed. A repeated request gives one batch."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError

from api.db import analyses, batches, idempotency
from api.dependencies import Services
from api.json_object import JsonObject
from api.responses.problem_details import FieldError, Problem, not_found
from api.responses.storage_problems import no_space_problem
from api.schemas.batches import BatchOptions, RefusedFileOut
from api.serializers.batches import serialize_batch
from api.untrusted_files.multipart import MultipartForm, ReceivedFile
from api.untrusted_files.zip_intake import RefusedMember, is_zip, unpack_clips
from api.uploads.clip_intake import (
    PENDING_STATUS_CODE,
    IdempotencyKey,
    ReceivedClip,
    accept_clip,
    build_idempotency_key,
    check_quota,
    find_earlier_answer,
    resolve_client_id,
)


def accept_batch(
    services: Services, owner_id: str, form: MultipartForm, options: BatchOptions, key: str | None
) -> tuple[JsonObject, bool]:
    """Create a batch of the clips in a form; the files may be clips or zips of clips.

    Returns
    -------
    The body of the answer, and whether it repeats the answer to an earlier request with this idempotency key.

    Raises
    ------
    Problem : no clip was accepted, or the key belongs to another request.
    """
    content_hash = hashlib.sha256("".join(file.sha256 for file in form.files).encode()).hexdigest()
    idempotency_key = build_idempotency_key(key, options, content_hash)
    earlier = find_earlier_answer(services, owner_id, idempotency_key)
    if earlier is not None:
        return earlier, True
    try:
        batch_id = _create_batch(services, owner_id, options, idempotency_key)
    except IntegrityError:  # another request with the same key was faster
        if (earlier := find_earlier_answer(services, owner_id, idempotency_key)) is None:
            raise
        return earlier, True
    intake = _BatchIntake(services, owner_id, batch_id, options, idempotency_key)
    try:
        intake.accept_clips(form)
        return intake.finish(), False
    except BaseException:
        intake.abort()
        raise


def _create_batch(
    services: Services, owner_id: str, options: BatchOptions, idempotency_key: IdempotencyKey | None
) -> str:
    """Create the batch's row and claim its idempotency key; the same request at the same time is answered 409."""
    with services.database.session() as session:
        resolve_client_id(session, owner_id, options.client)
        batch = batches.create(session, owner_id, options.name, total=None, options=_stored_options(options))
        if idempotency_key is not None:
            idempotency.save_response(
                session,
                owner_id,
                idempotency_key.key,
                idempotency_key.fingerprint,
                PENDING_STATUS_CODE,
                {"id": batch.id},
            )
        return batch.id


def _stored_options(options: BatchOptions) -> JsonObject:
    """Return the options without those of people, which are stored with each clip and deleted with it."""
    return options.model_dump(mode="json", exclude={"name", "client", "note"})


@dataclass
class _BatchIntake:
    """A batch whose clips are being accepted.

    Attributes
    ----------
    accepted : number of clips that were accepted.
    refused : files that were refused, with the reasons.
    """

    services: Services
    owner_id: str
    batch_id: str
    options: BatchOptions
    idempotency_key: IdempotencyKey | None
    accepted: int = 0
    refused: list[RefusedFileOut] = field(default_factory=list)

    def accept_clips(self, form: MultipartForm) -> None:
        """Accept the clips of a form one after the other; raise Problem if all are refused."""
        for file in self._unpack_files(form):
            received_clip = ReceivedClip(file.path, file.name, file.size_bytes)
            try:
                check_quota(self.services, self.owner_id, 0)
                accept_clip(
                    self.services,
                    self.owner_id,
                    received_clip,
                    self.options,
                    batch_id=self.batch_id,
                    priority=analyses.BATCH_PRIORITY,
                )
                self.accepted += 1
            except Problem as problem:
                self._refuse(file.name, problem)
        if not self.accepted:
            raise _all_refused_problem(self.refused)

    def finish(self) -> JsonObject:
        """Record number of clips, refused files and the answer to this request; return the body of the answer."""
        return self._complete_row(self.idempotency_key)

    def abort(self) -> None:
        """Close the batch with the clips that were accepted, and release the key: the request may be sent again.

        A batch without clips is removed.
        """
        with self.services.database.session() as session:
            if self.idempotency_key is not None:
                idempotency.delete_response(session, self.owner_id, self.idempotency_key.key)
            row = batches.get(session, self.owner_id, self.batch_id)
            if row is not None and not self.accepted:
                row.total = 0
                batches.forget(session, row)
        if self.accepted:
            self._complete_row(None)

    def _complete_row(self, answered_key: IdempotencyKey | None) -> JsonObject:
        with self.services.database.session() as session:
            row = batches.get(session, self.owner_id, self.batch_id)
            if row is None:
                raise not_found("batch")
            row.total = self.accepted + len(self.refused)
            row.options = {**(row.options or {}), "refused": [item.model_dump() for item in self.refused]}
            session.flush()
            body = serialize_batch(session, row).model_dump(mode="json")
            if (
                answered_key is not None
                and (stored := idempotency.find_response(session, self.owner_id, answered_key.key)) is not None
            ):
                stored.status_code, stored.body = 202, body
        return body

    def _unpack_files(self, form: MultipartForm) -> Iterator[ReceivedFile]:
        """Yield the files of a form and the clips in its zips; members that are no clips are refused."""
        settings = self.services.settings
        for file in form.files:
            if not is_zip(file.path):
                yield file
                continue
            limits = {"max_clips": settings.max_batch_clips, "max_bytes": settings.max_upload_bytes}
            try:
                for item in unpack_clips(file.path, self.services.incoming, self.services.disk, **limits):
                    if isinstance(item, RefusedMember):
                        self._refuse(item.name, item.problem, prefix=f"{file.name}: {item.name}: ")
                    else:
                        yield item
            except Problem as problem:
                self._refuse(file.name, problem, prefix=f"{file.name}: ")

    def _refuse(self, file: str, problem: Problem, *, prefix: str = "") -> None:
        self.refused.append(RefusedFileOut(file=file, code=problem.name, text=f"{prefix}{problem.detail}"))


def _all_refused_problem(refused: list[RefusedFileOut]) -> Problem:
    if all(item.code == "no-space" for item in refused):
        return no_space_problem()
    errors = [FieldError(where=f"body.clips.{item.file}", what=item.text) for item in refused]
    more = f" ({len(refused) - 1} more below)" if len(refused) > 1 else ""
    return Problem(422, "clips-refused", f"No file was accepted. {refused[0].text}{more}", errors=errors)
