"""Answer failures of database and disk with problems: busy and gone with 503 and Retry-After, full with 507."""

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from api.db.sqlite_file import DatabaseGoneError
from api.db.write_gate import DatabaseBusyError
from api.responses.problem_details import Problem, problem_response
from api.storage.disk_space import DiskSpace, is_disk_full
from api.storage.store_identity import StoreGuard

_RETRY_S = "5"  # for a client to wait; chosen
_GONE_RETRY_S = "30"  # an operator has to act; chosen

_DATABASE_ERRORS = (DatabaseBusyError, DatabaseGoneError, PoolTimeoutError, OperationalError)

log = logging.getLogger("api.storage")


def no_space_problem() -> Problem:
    """Return the answer to an upload that does not fit."""
    detail = "The server's disk is full. Delete analyses that are no longer needed, or try again later."
    return Problem(507, "no-space", detail, headers={"Retry-After": "300"})


def check_space(disk: DiskSpace, more_bytes: int = 0) -> None:
    """Raise Problem 507 if so many bytes do not fit on the disk beside its reserve."""
    if disk.is_low(more_bytes):
        raise no_space_problem()


def check_identity(store: StoreGuard) -> None:
    """Raise Problem 503 while database and files do not belong together: a clip would be stored where nobody looks."""
    if not store.is_trusted():
        detail = "The server's database and files do not belong together. Tell the operator to see /readyz."
        raise Problem(503, "store-mismatch", detail, headers={"Retry-After": "60"})


def add_storage_handlers(app: FastAPI) -> None:
    """Answer errors of database and disk, in any route."""
    for kind in (*_DATABASE_ERRORS, OSError):
        app.add_exception_handler(kind, answer_storage_error)


async def answer_storage_error(request: Request, error: Exception) -> JSONResponse:
    """Return the response to an error of database or disk; raise any other again."""
    response = find_storage_response(request, error)
    if response is None:
        raise error
    return response


def find_storage_response(request: Request, error: Exception) -> JSONResponse | None:
    """Return the response to an error of database or disk; None for any other."""
    if is_disk_full(error):
        log.error("the disk is full: %s", type(error).__name__)
        problem = no_space_problem()
        return problem_response(request, 507, problem.name, problem.detail, headers=problem.headers)
    if not isinstance(error, _DATABASE_ERRORS):
        return None
    log.error("the database does not answer: %s", error.orig if isinstance(error, OperationalError) else error)
    if isinstance(error, DatabaseGoneError):
        detail = "The server lost its database. Nothing of this request was stored. Tell the operator."
        return problem_response(request, 503, "database-gone", detail, headers={"Retry-After": _GONE_RETRY_S})
    detail = "The server's database is busy. Try again in a moment."
    return problem_response(request, 503, "database-busy", detail, headers={"Retry-After": _RETRY_S})
