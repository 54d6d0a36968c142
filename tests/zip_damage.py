"""Damage files as a bad disk or an interrupted copy does."""

_ENTRY = b"PK\x01\x02"  # of a zip's list of files
_FLAGS_AT = 8


def mark_encrypted(archive: bytes) -> bytes:
    """Return a zip with one wrong bit: its first file is marked as encrypted."""
    damaged = bytearray(archive)
    damaged[archive.index(_ENTRY) + _FLAGS_AT] ^= 1
    return bytes(damaged)
