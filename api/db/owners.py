"""Queries of owners, their keys and their pairing links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db import sign_ins
from api.db.models import AnalysisRow, ApiKey, Client, Owner, Pairing, new_id, now
from api.db.token_hash import create_secret, parse_secret, verify_secret
from api.sign_in_lifetime import SignInLifetime

_LAST_USED_INTERVAL = timedelta(minutes=10)  # accuracy of the last use of a key; chosen
KEY_PREFIX, PAIRING_PREFIX = "mak", "pair"

LOCAL_OWNER = "local"
"""Name of the owner of everything that is done on the machine itself, without a key."""

PAIRING_LIFETIME_MIN = 10
"""How long a link for pairing works; chosen."""


def create(session: Session, name: str) -> Owner:
    """Create an owner."""
    owner = Owner(id=new_id("own"), name=name)
    session.add(owner)
    session.flush()
    return owner


def find_by_name(session: Session, name: str) -> Owner | None:
    """Return the owner of this name."""
    return session.scalar(select(Owner).where(Owner.name == name))


def get_or_create(session: Session, name: str) -> Owner:
    """Return the owner of this name, creating one if need be."""
    return find_by_name(session, name) or create(session, name)


def get(session: Session, id: str) -> Owner | None:
    """Return the owner with this id."""
    return session.get(Owner, id)


@dataclass(frozen=True)
class OwnedCounts:
    """How much an owner has stored."""

    clients: int
    analyses: int
    keys: int


def count_data(session: Session, id: str) -> OwnedCounts:
    """Count the clients, analyses and keys of an owner."""
    counts = [
        int(session.scalar(select(func.count()).select_from(table).where(table.owner_id == id)) or 0)
        for table in (Client, AnalysisRow, ApiKey)
    ]
    return OwnedCounts(*counts)


def list_with_counts(session: Session) -> Sequence[tuple[Owner, OwnedCounts]]:
    """Return all owners by name, each with the counts of their data."""
    return [(owner, count_data(session, owner.id)) for owner in session.scalars(select(Owner).order_by(Owner.name))]


def has_active_keys(session: Session) -> bool:
    """Return whether there is a key that is not revoked."""
    return session.scalar(select(ApiKey.id).where(ApiKey.revoked_at.is_(None)).limit(1)) is not None


def create_key(session: Session, owner_name: str, name: str) -> tuple[ApiKey, str]:
    """Create a key for an owner, who is created if new; return its row and the key, which is shown only once."""
    owner = get_or_create(session, owner_name)
    id, plain, secret_hash = create_secret(KEY_PREFIX, "key")
    key = ApiKey(id=id, owner_id=owner.id, name=name, secret_hash=secret_hash)
    session.add(key)
    session.flush()
    return key, plain


def find_key(session: Session, plain: str) -> ApiKey | None:
    """Return the row of a key; None if it is unknown or revoked."""
    parts = parse_secret(plain, KEY_PREFIX, "key")
    if parts is None:
        return None
    key = session.get(ApiKey, parts[0])
    if not verify_secret(parts[1], key.secret_hash if key else None) or key is None or key.revoked_at is not None:
        return None
    return key


def is_last_use_stale(key: ApiKey) -> bool:
    """Return whether the recorded last use is so old that a new one has to be recorded."""
    return key.last_used_at is None or now() - key.last_used_at > _LAST_USED_INTERVAL


def check_key(session: Session, plain: str) -> str | None:
    """Return the id of the owner of a key and record its use; None if it is unknown or revoked."""
    key = find_key(session, plain)
    if key is None:
        return None
    if is_last_use_stale(key):
        key.last_used_at = now()
    return key.owner_id


def list_keys(session: Session) -> Sequence[tuple[ApiKey, str]]:
    """Return all keys with their owners' names, oldest first."""
    query = select(ApiKey, Owner.name).join(Owner, Owner.id == ApiKey.owner_id).order_by(ApiKey.created_at, ApiKey.id)
    return [(key, owner) for key, owner in session.execute(query)]


def revoke_key(session: Session, id: str) -> bool:
    """Revoke a key, and the sign-ins and pairing links of its owner; return False if there is none."""
    key = session.get(ApiKey, id)
    if key is None:
        return False
    key.revoked_at = key.revoked_at or now()
    sign_ins.revoke_all(session, key.owner_id)
    links = select(Pairing).where(Pairing.owner_id == key.owner_id, Pairing.used_at.is_(None))
    for link in session.scalars(links):
        link.used_at = now()
    return True


def create_pairing(session: Session, owner_id: str) -> str:
    """Return the secret of a new link that signs one browser in, once."""
    id, plain, secret_hash = create_secret(PAIRING_PREFIX, "par")
    expires_at = now() + timedelta(minutes=PAIRING_LIFETIME_MIN)
    session.add(Pairing(id=id, owner_id=owner_id, secret_hash=secret_hash, expires_at=expires_at))
    session.flush()
    return plain


def use_pairing(session: Session, plain: str, user_agent: str, lifetime: SignInLifetime) -> str | None:
    """Use a pairing link; return the secret of the browser's cookie, or None if the link is invalid."""
    parts = parse_secret(plain, PAIRING_PREFIX, "par")
    if parts is None:
        return None
    pairing = session.get(Pairing, parts[0], with_for_update=True)
    known = verify_secret(parts[1], pairing.secret_hash if pairing else None)
    if pairing is None or not known or pairing.used_at is not None or pairing.expires_at < now():
        return None
    pairing.used_at = now()
    return sign_ins.create(session, pairing.owner_id, user_agent, lifetime)


def list_revoked_keys(session: Session, ids: Sequence[str]) -> set[str]:
    """Return which of these keys are revoked or deleted."""
    return set(ids) - set(session.scalars(select(ApiKey.id).where(ApiKey.id.in_(ids), ApiKey.revoked_at.is_(None))))
