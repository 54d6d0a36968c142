"""What routes are given: the parts of the service, and who asks."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from api.db.engine import Database
from api.files import Files
from api.jobs.port import Jobs
from api.limits import RateLimit
from api.settings import ServiceSettings

if TYPE_CHECKING:
    from api.metrics import Metrics
    from api.probing import Prober

LOCAL_OWNER = "local"


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
    files: Files
    jobs: Jobs
    prober: "Prober"
    metrics: "Metrics"
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


async def services_of(request: Request) -> Services:
    """The service's parts; async, as are all that need not wait, since each of the others takes a turn of a thread."""
    services: Services = request.app.state.services
    return services


Parts = Annotated[Services, Depends(services_of)]
