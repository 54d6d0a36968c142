"""A wrong setting gives one line that names it and says what to do; secrets are not repeated."""

import sqlite3

import pytest

from api.settings import describe_unknown_settings

SECRET = "hunter2"
CLOSED_PORT = 1  # nothing listens here


@pytest.mark.parametrize(
    ("name", "value", "code", "says"),
    [
        ("DATABASE_URL", f"mysql://a:{SECRET}@h/n", 2, "postgresql://user:password@host/name"),
        ("DATABASE_URL", f"postgresql://a:{SECRET}@h:port/n", 1, "write @ as %40, / as %2F"),
        ("DATABASE_URL", f"postgresql://a:{SECRET}@127.0.0.1:{CLOSED_PORT}/n", 1, "cannot be used: connection failed"),
        ("JOBS_URL", "jobs.sqlite", 2, "postgresql://user:password@host/name"),
        ("FILES_URL", "s4://bucket", 1, "Give a folder, or s3://bucket/prefix."),
        ("FILES_OPTIONS", f"{{secret: {SECRET}}}", 2, "is not valid JSON"),
        ("TRUSTED_PROXIES", "127.0.0.1, nginx.local", 2, "give addresses, such as 127.0.0.1"),
        ("RETENTION_DAYS", "30d", 2, "valid number"),
    ],
)
def test_a_wrong_value_gives_one_line(run_here, monkeypatch, tmp_path, name, value, code, says):
    monkeypatch.setenv(f"ANALYZER_{name}", value)
    done = run_here("serve", "--no-worker", "--port", "0", "--data", str(tmp_path / "data"))
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert f"ANALYZER_{name}" in done.stderr and says in done.stderr
    assert SECRET not in done.stderr


def test_a_database_of_a_newer_version_is_named(run_here, tmp_path):
    data = ["--data", str(tmp_path)]
    assert run_here("keys", "create", "ann", *data).returncode == 0
    with sqlite3.connect(tmp_path / "analyzer.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    done = run_here("serve", "--no-worker", "--port", "0", *data)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "was last used by a newer version" in done.stderr and "restore the back-up" in done.stderr


def test_a_file_that_is_no_database_is_named(run_here, tmp_path):
    (tmp_path / "analyzer.sqlite").write_bytes(bytes(range(256)) * 8)
    done = run_here("serve", "--no-worker", "--port", "0", "--data", str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"{tmp_path / 'analyzer.sqlite'} cannot be used: file is not a database" in done.stderr


def test_a_certificate_that_is_none_is_named(run_here, tmp_path):
    file = tmp_path / "bad.pem"
    file.write_text("nothing")
    files = ["--tls-cert", str(file), "--tls-key", str(file)]
    done = run_here("serve", "--no-worker", "--port", "0", "--data", str(tmp_path), *files)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{file} and {file} are not a certificate and its key" in done.stderr


def test_misspelt_settings_are_reported_and_others_are_not():
    names = ["ANALYZER_RETENTION_DAY", "ANALYZER_DATA_DIR", "ANALYZER_MAX_FILE_BYTES", "ANALYZER_XYZZY", "PATH"]
    assert describe_unknown_settings(names) == [
        "ANALYZER_RETENTION_DAY is no setting and has no effect. Is ANALYZER_RETENTION_DAYS meant?",
        "ANALYZER_XYZZY is no setting and has no effect.",
    ]
