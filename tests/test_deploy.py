"""The container files are linted, and agree with the existing settings and commands."""

import configparser
import os
import re
import shutil
import subprocess
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import typer
import yaml

from analyzer.cli.app import app
from api.settings import ServiceSettings
from tests.parts import find_caddy, find_hadolint

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def test_every_variable_is_a_setting():
    named = set(re.findall(r"\bANALYZER_([A-Z_]+)", "".join(path.read_text() for path in DEPLOY.iterdir())))
    assert named and named <= {name.upper() for name in ServiceSettings.model_fields}


@pytest.mark.parametrize("service", OURS)
def test_every_command_and_option_exists(service: str):
    name, *arguments = OURS[service]["command"]
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {argument for argument in arguments if argument.startswith("--")} <= known


def test_dependencies_of_each_service_exist_and_have_a_health_check():
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other]


def test_no_secret_is_in_the_files():
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    secrets = re.findall(r"(?i)(?:password|secret|\bkey)\"?: +\"?(\S+)", text)
    assert secrets
    assert all(value.startswith("${") for value in secrets)


def test_images_of_others_are_pinned_by_version_and_digest():
    images = [service["image"] for name, service in SERVICES.items() if name not in OURS]
    images += re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)
    assert len(images) == 3
    for image in images:
        assert re.fullmatch(r"[a-z]+:\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}", image), image


def test_clips_are_in_a_shared_volume_unless_a_store_is_set():
    for service in OURS.values():
        assert service["environment"]["ANALYZER_FILES_URL"] == "${ANALYZER_FILES_URL:-/files}"
        assert "files:/files" in service["volumes"]
    assert re.search(r"install -d .*-o analyzer .*/files", CONTAINERFILE)
    assert not re.search("minio", (DEPLOY / "compose.yaml").read_text(), re.IGNORECASE)


def test_only_the_encrypted_proxy_has_ports_and_the_api_believes_only_it():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["https"]
    address = SERVICES["https"]["networks"]["default"]["ipv4_address"]
    assert SERVICES["api"]["environment"]["ANALYZER_TRUSTED_PROXIES"] == address
    [network] = COMPOSE["networks"]["default"]["ipam"]["config"]
    assert ip_address(address) in ip_network(network["subnet"])
    assert ip_address(address) not in ip_network(network["ip_range"])  # no other container gets it
    for service in OURS.values():
        assert service["cap_drop"] == ["ALL"]


def test_volumes_are_declared():
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert {name for name in used if not name.startswith(".")} == set(COMPOSE["volumes"])
    for name in used:
        if name.startswith("."):
            assert (DEPLOY / name).is_file()


@pytest.mark.caddy
@pytest.mark.parametrize("name", ["Caddyfile", "Caddyfile.compose"])
def test_caddy_accepts_its_files(name: str, tmp_path: Path):
    command = [find_caddy(), "validate", "--config", str(DEPLOY / name), "--adapter", "caddyfile"]
    environment = {"GYM_HOST": "gym.local", "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_the_image_holds_all_that_is_installed():
    """What the build copies is enough to build the package, as `pip install .` does it in the image."""
    copied = set(re.findall(r"^COPY (.+) \S+$", CONTAINERFILE, re.MULTILINE))
    names = {name for line in copied for name in line.split()}
    project = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = [*included["packages"], *(path.split("/")[0] for path in included["force-include"]), "README.md"]
    assert set(needed) | {"pyproject.toml", "constraints.txt"} <= names
    user = re.search(r"^USER (\S+)", CONTAINERFILE, re.MULTILINE)
    assert user is not None and user[1] != "0"


def test_the_systemd_unit_starts_a_command_that_exists_with_data_that_only_its_account_reads():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "analyzer.service")
    program, command, *options = unit["Service"]["ExecStart"].split()
    assert Path(program).name == "analyzer" and not options
    assert command in typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert unit["Service"]["User"] not in ("", "root")
    assert (unit["Service"]["StateDirectory"], unit["Service"]["StateDirectoryMode"]) == ("analyzer", "0700")
    text = (DEPLOY / "analyzer.service").read_text(encoding="utf-8")
    assert f"ANALYZER_DATA_DIR=/var/lib/{unit['Service']['StateDirectory']}" in text
    assert f"ANALYZER_CACHE_DIR=/var/cache/{unit['Service']['CacheDirectory']}" in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd")
def test_systemd_accepts_its_unit(tmp_path: Path):
    text = (DEPLOY / "analyzer.service").read_text(encoding="utf-8")
    unit = tmp_path / "analyzer.service"
    unit.write_text(text.replace("/opt/analyzer/.venv/bin/analyzer", "/bin/true").replace("User=analyzer", "User=root"))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    assert (done.returncode, "analyzer.service" in done.stderr) == (0, False), done.stderr


@pytest.mark.hadolint
def test_the_containerfile_is_lint_free():
    done = subprocess.run([find_hadolint(), str(DEPLOY / "Containerfile")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
