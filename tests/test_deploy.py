"""The container files are linted, and agree with the existing settings and commands."""

import re
import subprocess
from pathlib import Path

import pytest
import typer
import yaml

from analyzer.cli.main import app
from api.settings import ServiceSettings
from tests.parts import find_hadolint

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
SERVICES = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
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


@pytest.mark.hadolint
def test_the_containerfile_is_lint_free():
    done = subprocess.run([find_hadolint(), str(DEPLOY / "Containerfile")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
