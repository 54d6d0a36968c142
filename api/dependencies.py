"""What routes are given: the parts of the service, and who asks."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from api.clip_probing import ClipProber
from api.db.engine import Database
from api.file_store import FileStore
from api.jobs.interface import JobQueue
from api.metrics import ServiceMetrics
from api.rate_limits import RateLimit
from api.settings import ServiceSettings


@dataclass(frozen=True)
class Access:
    """How the service is reached.

    Parameters
    ----------
    open : anyone who reaches it is the owner "local"; on a loopback address only.
    lan : as it was started.
    """

    open: bool = False
    lan: bool = False


@dataclass(frozen=True, eq=False)
class Services:
    """The parts of a running service; `known` are ids of owners by name, that need not be looked up again."""

    settings: ServiceSettings
    access: Access
    database: Database
    files: FileStore
    jobs: JobQueue
    prober: ClipProber
    metrics: ServiceMetrics
    per_owner: RateLimit
    per_address: RateLimit
    stopping: threading.Event = field(default_factory=threading.Event)
    known: dict[str, str] = field(default_factory=dict)

    @property
    def incoming(self) -> Path:
        """Where bodies are written while they arrive."""
        return self.settings.data_dir / "incoming"

    @property
    def uploads(self) -> Path:
        """Where resumable uploads lie, a folder an owner."""
        return self.settings.data_dir / "uploads"


async def get_services(request: Request) -> Services:
    """The service's parts; async, as are all that need not wait, since each of the others takes a turn of a thread."""
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(get_services)]
