"""Queries of signed-in browsers, mostly phones: they expire, renew while they are used, and can be revoked."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db.models import Owner, SignIn, now
from api.db.token_hash import create_secret, parse_secret, verify_secret
from api.sign_in_lifetime import SignInLifetime

PREFIX = "sgn"
_RENEWAL_INTERVAL = timedelta(minutes=10)  # accuracy of the last use, and between two renewals; chosen
_MAX_AGENT_CHARS = 200  # chosen

_DEVICES = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "Chromebook"),
            ("Macintosh", "Mac"), ("Windows", "Windows"), ("Linux", "Linux"))  # fmt: skip
_BROWSERS = (("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("Edg", "Edge"), ("SamsungBrowser/", "Samsung Internet"),
             ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip


def create(session: Session, owner_id: str, user_agent: str, lifetime: SignInLifetime) -> str:
    """Sign a browser in; return the secret of its cookie."""
    id, secret, secret_hash = create_secret(PREFIX, PREFIX)
    created_at = now()
    session.add(
        SignIn(
            id=id,
            owner_id=owner_id,
            secret_hash=secret_hash,
            created_at=created_at,
            last_used_at=created_at,
            expires_at=lifetime.expires_at(created_at),
            user_agent=user_agent[:_MAX_AGENT_CHARS],
            name=describe_browser(user_agent),
        )
    )
    session.flush()
    return secret


def find(session: Session, plain: str) -> SignIn | None:
    """Return the sign-in of a cookie; None if it is unknown, expired or revoked."""
    parts = parse_secret(plain, PREFIX, PREFIX)
    if parts is None:
        return None
    row = session.get(SignIn, parts[0])
    if row is None or not verify_secret(parts[1], row.secret_hash):
        return None
    return row if row.revoked_at is None and row.expires_at > now() else None


def needs_renewal(row: SignIn) -> bool:
    """Return whether the recorded last use is so old that this one has to be recorded."""
    return row.last_used_at is None or now() - row.last_used_at > _RENEWAL_INTERVAL


def renew(session: Session, id: str, lifetime: SignInLifetime) -> float | None:
    """Record the use of a valid sign-in and extend it; return how long it is valid, seconds; None if it has ended."""
    row = session.get(SignIn, id, with_for_update=True)
    if row is None or row.revoked_at is not None or row.expires_at <= now():
        return None
    row.last_used_at = now()
    row.expires_at = lifetime.expires_at(row.created_at)
    return (row.expires_at - now()).total_seconds()


def list_valid(session: Session, owner_id: str | None = None) -> Sequence[tuple[SignIn, str]]:
    """Return the signed-in browsers of an owner, or of all, with their owner's name; the newest first."""
    query = select(SignIn, Owner.name).join(Owner, Owner.id == SignIn.owner_id)
    query = query.where(SignIn.revoked_at.is_(None), SignIn.expires_at > now())
    if owner_id is not None:
        query = query.where(SignIn.owner_id == owner_id)
    return [(row, owner) for row, owner in session.execute(query.order_by(SignIn.created_at.desc(), SignIn.id))]


def rename(session: Session, owner_id: str | None, id: str, name: str) -> SignIn | None:
    """Name a browser, of one owner or of any; return its row, or None if there is no such valid sign-in."""
    row = _get_valid(session, owner_id, id)
    if row is not None:
        row.name = name
    return row


def revoke(session: Session, id: str, owner_id: str | None = None) -> bool:
    """Sign a browser out, of one owner or of any; return False if there is no such valid sign-in.

    Its name, often a person's, goes at once; the row goes later with the expired ones.
    """
    row = _get_valid(session, owner_id, id)
    if row is None:
        return False
    _end(row)
    return True


def revoke_all(session: Session, owner_id: str) -> None:
    """Sign all browsers of an owner out."""
    for row in session.scalars(select(SignIn).where(SignIn.owner_id == owner_id, SignIn.revoked_at.is_(None))):
        _end(row)


def list_ended(session: Session, ids: Sequence[str]) -> set[str]:
    """Return which of these sign-ins are revoked, expired or deleted."""
    valid = select(SignIn.id).where(SignIn.id.in_(ids), SignIn.revoked_at.is_(None), SignIn.expires_at > now())
    return set(ids) - set(session.scalars(valid))


def describe_browser(user_agent: str) -> str:
    """Return a first name of a browser, such as "iPhone, Safari"; the words of the browser itself are not used."""
    device = next((name for word, name in _DEVICES if word in user_agent), "")
    browser = next((name for word, name in _BROWSERS if word in user_agent), "")
    return ", ".join(word for word in (device, browser) if word) or "Browser"


def _end(row: SignIn) -> None:
    row.revoked_at, row.name, row.user_agent = now(), None, ""


def _get_valid(session: Session, owner_id: str | None, id: str) -> SignIn | None:
    row = session.get(SignIn, id)
    if row is None or row.revoked_at is not None or row.expires_at <= now():
        return None
    return row if owner_id in (None, row.owner_id) else None
