"""The service's own certificate: what it names, who may read it, and when it is renewed."""

import datetime as dt
import ipaddress
import os
import ssl
import stat

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from api.network.lan_certificate import VALID_DAYS, ensure_lan_certificate

NOW = dt.datetime(2027, 3, 1, tzinfo=dt.UTC)
HOME, GYM = "192.168.1.5", "10.0.0.7"


@pytest.fixture
def named_laptop(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "Laptop.example")


def load(made):
    return x509.load_pem_x509_certificate(made.certificate.read_bytes())


def names_of(made):
    names = load(made).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in names}


def test_it_names_the_addresses_and_the_machine(tmp_path, named_laptop):
    made = ensure_lan_certificate(tmp_path / "tls", [HOME], now=NOW)
    assert names_of(made) == {HOME, "laptop.local", "laptop.example", "localhost", "127.0.0.1", "::1"}
    names = load(made).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert ipaddress.ip_address(HOME) in names.get_values_for_type(x509.IPAddress)


def test_it_is_a_server_certificate_and_no_authority(tmp_path):
    certificate = load(ensure_lan_certificate(tmp_path / "tls", [HOME], now=NOW))
    extensions = certificate.extensions
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == dt.timedelta(days=VALID_DAYS)


def test_only_this_account_reads_the_key(tmp_path):
    before = os.umask(0)
    try:
        made = ensure_lan_certificate(tmp_path / "tls", [HOME])
    finally:
        os.umask(before)
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700
    assert {path.name for path in (tmp_path / "tls").iterdir()} == {"certificate.pem", "key.pem"}


def test_fingerprint_is_that_of_the_served_certificate(tmp_path):
    made = ensure_lan_certificate(tmp_path / "tls", [HOME])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)  # they match
    der = ssl.PEM_cert_to_DER_cert(made.certificate.read_text())
    import hashlib

    assert made.fingerprint.replace(":", "").lower() == hashlib.sha256(der).hexdigest()


def test_it_stays_the_same_while_it_fits(tmp_path):
    first = ensure_lan_certificate(tmp_path / "tls", [HOME, GYM], now=NOW)
    assert ensure_lan_certificate(tmp_path / "tls", [GYM], now=NOW + dt.timedelta(days=300)) == first


def test_it_is_renewed_before_it_ends(tmp_path):
    first = ensure_lan_certificate(tmp_path / "tls", [HOME], now=NOW)
    later = NOW + dt.timedelta(days=VALID_DAYS - 20)
    second = ensure_lan_certificate(tmp_path / "tls", [HOME], now=later)
    assert second.fingerprint != first.fingerprint
    assert load(second).not_valid_after_utc > later + dt.timedelta(days=300)


def test_a_new_address_is_added_and_earlier_ones_stay(tmp_path):
    first = ensure_lan_certificate(tmp_path / "tls", [HOME], now=NOW)
    second = ensure_lan_certificate(tmp_path / "tls", [GYM], now=NOW)
    assert second.fingerprint != first.fingerprint
    assert {HOME, GYM} <= names_of(second)
    assert ensure_lan_certificate(tmp_path / "tls", [HOME], now=NOW) == second  # back home


@pytest.mark.parametrize("name", ["key.pem", "certificate.pem"])
@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_text("x")])
def test_a_damaged_one_is_replaced(tmp_path, name, damage):
    first = ensure_lan_certificate(tmp_path / "tls", [HOME])
    damage(tmp_path / "tls" / name)
    second = ensure_lan_certificate(tmp_path / "tls", [HOME])
    assert second.fingerprint != first.fingerprint
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(second.certificate, second.key)


def test_a_key_that_others_could_read_is_replaced(tmp_path):
    first = ensure_lan_certificate(tmp_path / "tls", [HOME])
    first.key.chmod(0o644)
    assert ensure_lan_certificate(tmp_path / "tls", [HOME]).fingerprint != first.fingerprint
