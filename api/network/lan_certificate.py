"""The service's own TLS certificate for the local network, made on first start and renewed when it no longer fits."""

import datetime as dt
import ipaddress
import os
import secrets
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_DAYS = 397
"""Some systems refuse longer ones."""

_RENEW_DAYS = 30  # before the end; chosen
_MAX_EARLIER_NAMES = 16  # addresses of other networks, whose phones then see no new certificate; chosen
_CERTIFICATE, _KEY = "certificate.pem", "key.pem"
_COMMON_NAME = "Movement analyzer"


@dataclass(frozen=True)
class LanCertificate:
    """A certificate and its private key, as PEM files; `fingerprint` is the SHA-256 that browsers show."""

    certificate: Path
    key: Path
    fingerprint: str


def ensure_lan_certificate(folder: Path, addresses: Sequence[str], *, now: dt.datetime | None = None) -> LanCertificate:
    """Return the certificate in a folder, which is made first or renewed if it lacks an address or ends soon.

    Parameters
    ----------
    folder : created, accessible for this account only.
    addresses : IP addresses of this machine in its networks.
    """
    now = now or dt.datetime.now(dt.UTC)
    names = list(dict.fromkeys([*addresses, *_host_names(), "localhost", "127.0.0.1", "::1"]))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    stored = _load(folder)
    if stored is None or not _is_usable(stored, names, now):
        earlier = [name for name in _list_names(stored) if name not in names] if stored is not None else []
        stored = _create(folder, names + earlier[:_MAX_EARLIER_NAMES], now)
    return LanCertificate(folder / _CERTIFICATE, folder / _KEY, format_fingerprint(stored))


def format_fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 fingerprint as pairs of hexadecimal digits, as browsers show it."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _host_names() -> list[str]:
    name = socket.gethostname().rstrip(".").lower()
    short = name.partition(".")[0]
    if not short or not name.isascii() or not all(c.isalnum() or c in "-." for c in name):
        return []
    return list(dict.fromkeys([f"{short}.local", name]))


def _load(folder: Path) -> x509.Certificate | None:
    """Return the stored certificate; None if it or its key is missing, damaged or does not match."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / _CERTIFICATE).read_bytes())
        key = serialization.load_pem_private_key((folder / _KEY).read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        return None
    if (folder / _KEY).stat().st_mode & 0o077 and os.name == "posix":  # others may have read it
        return None
    return certificate if key.public_key() == certificate.public_key() else None


def _is_usable(certificate: x509.Certificate, names: Iterable[str], now: dt.datetime) -> bool:
    ends_later = certificate.not_valid_after_utc > now + dt.timedelta(days=_RENEW_DAYS)
    return ends_later and certificate.not_valid_before_utc <= now and set(names) <= set(_list_names(certificate))


def _list_names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in names]


def _create(folder: Path, names: Sequence[str], now: dt.datetime) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _COMMON_NAME)])
    usage = {"digital_signature": True} | dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
         "encipher_only", "decipher_only"), False
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))  # of phones whose clock is late
        .not_valid_after(now + dt.timedelta(days=VALID_DAYS - 1))
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write_private(folder / _KEY, private)
    _write_private(folder / _CERTIFICATE, certificate.public_bytes(pem))
    return certificate


def _general_name(name: str) -> x509.GeneralName:
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name)


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that only this account may read, from its first byte on."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
