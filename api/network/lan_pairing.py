"""Pair a phone with the laptop: the laptop's address in the local network, and a QR code with a one-time link."""

import ipaddress
import socket
from collections.abc import Iterator
from io import StringIO

import psutil
import segno

from api.db import owners
from api.db.engine import Database
from api.db.owners import LOCAL_OWNER
from api.network.lan_certificate import LanCertificate


def find_lan_address() -> str | None:
    """Return the address by which a phone in the same network reaches this machine; None without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: it only asks for the route
            address = str(probe.getsockname()[0])
        except OSError:  # no route, as in a gym without internet
            address = ""
    return address if address and not ipaddress.ip_address(address).is_loopback else next(_private(), None)


def list_lan_addresses() -> list[str]:
    """Return all addresses by which phones may reach this machine."""
    preferred = find_lan_address()
    return list(dict.fromkeys([*([preferred] if preferred is not None else []), *_private()]))


def _private() -> Iterator[str]:
    up = {name for name, stats in psutil.net_if_stats().items() if stats.isup}
    for name, addresses in psutil.net_if_addrs().items():
        for entry in addresses:
            if name in up and entry.family == socket.AF_INET and _is_private(entry.address):
                yield entry.address


def _is_private(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return address.is_private and not address.is_loopback


def build_pairing_lines(
    database: Database, address: str, certificate: LanCertificate | None, notice_address: str | None
) -> list[str]:
    """Return the lines to print: a first key if there is none, the QR code, and what the phone warns about.

    Parameters
    ----------
    certificate : the service's own one, whose fingerprint is shown; None with another one, or without TLS.
    notice_address : of the page that explains the warning.
    """
    lines = []
    with database.session() as session:
        owner_id = owners.get_or_create(session, LOCAL_OWNER).id
        if not owners.has_active_keys(session):
            _, plain = owners.create_key(session, LOCAL_OWNER, "first")
            lines += [f"Key for scripts, shown once: {plain}", ""]
        pairing = owners.create_pairing(session, owner_id)
    link = f"{address}/pair/{pairing}"
    code = StringIO()
    segno.make(link, error="l").terminal(code, border=2, compact=True)
    lines += [
        code.getvalue().rstrip("\n"),
        f"Scan it with the phone's camera within {owners.PAIRING_LIFETIME_MIN} minutes. It works once.",
        link,
    ]
    if certificate is not None:
        lines += [
            "",
            "The phone warns once, since it does not know this laptop's certificate. Compare its SHA-256 fingerprint:",
            *_in_two_lines(certificate.fingerprint),
            f"What to do on the phone: {notice_address}",
        ]
    if not address.startswith("https:"):
        lines.append("Without TLS, others in this Wi-Fi can read along. Use a network you trust, or omit --http.")
    return lines


def _in_two_lines(fingerprint: str) -> list[str]:
    pairs = fingerprint.split(":")
    return [f"  {':'.join(pairs[:16])}", f"  {':'.join(pairs[16:])}"]
