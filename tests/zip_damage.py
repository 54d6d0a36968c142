"""Files as a bad disk or a broken copy leaves them."""

_ENTRY = b"PK\x01\x02"  # of a zip's list of files
_FLAGS_AT = 8


def mark_encrypted(archive: bytes) -> bytes:
    """A zip with one wrong bit: that its first file is encrypted."""
    damaged = bytearray(archive)
    damaged[archive.index(_ENTRY) + _FLAGS_AT] ^= 1
    return bytes(damaged)
