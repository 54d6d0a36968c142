"""The dependencies of the service, which only `pip install movement-analyzer[service]` installs."""

from collections.abc import Iterator
from importlib.util import find_spec

from analyzer.cli.exits import exit_usage_error

SERVICE_MODULES = (
    "alembic",
    "cryptography",
    "dbos",
    "fastapi",
    "fastapi_offline",
    "fsspec",
    "multipart",
    "prometheus_client",
    "psycopg",
    "s3fs",
    "segno",
    "sqlalchemy",
    "tuspyserver",
    "uvicorn",
)
"""Top-level modules of the packages in the extra `service` of pyproject.toml, without those for one system only."""

INSTALL_COMMAND = "pip install 'movement-analyzer[service]'"


def require_service(command: str) -> None:
    """Exit with code 2 and one line unless the service's dependencies can be imported.

    Parameters
    ----------
    command : the command that needs them, for the message, such as "analyzer serve".
    """
    missing = list(find_missing_service_modules())
    if missing:
        exit_usage_error(f"{command}: the service is not installed (no {', '.join(missing)}). Run: {INSTALL_COMMAND}")


def find_missing_service_modules() -> Iterator[str]:
    """Yield the modules of the service that cannot be found."""
    for name in SERVICE_MODULES:
        try:
            is_missing = find_spec(name) is None
        except ImportError:
            is_missing = True
        if is_missing:
            yield name
