"""Secrets that are shown once: only their hash is stored, and compared in constant time."""

import hashlib
import hmac
import secrets

from api.db.models import new_id


def create_secret(prefix: str, id_prefix: str) -> tuple[str, str, str]:
    """Return a new id, the secret as it is shown (`prefix_id_secret`), and the hash to store.

    The secret has 256 random bits and cannot be guessed, so that a plain SHA-256 suffices.
    """
    id = new_id(id_prefix)
    secret = secrets.token_urlsafe(32)
    return id, f"{prefix}_{id.removeprefix(id_prefix + '_')}_{secret}", hash_secret(secret)


def parse_secret(plain: str, prefix: str, id_prefix: str) -> tuple[str, str] | None:
    """Return the id and the secret of a shown secret; None if it has another form."""
    given, _, rest = plain.partition("_")
    id, _, secret = rest.partition("_")
    if given != prefix or not id or not secret or len(plain) > 200:
        return None
    return f"{id_prefix}_{id}", secret


def hash_secret(secret: str) -> str:
    """Return the hash of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def verify_secret(secret: str, secret_hash: str | None) -> bool:
    """Return whether a secret has this hash; takes the same time without one."""
    return hmac.compare_digest(hash_secret(secret), secret_hash or hash_secret("")) and secret_hash is not None
