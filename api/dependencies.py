"""The parts of the service that routes use."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, MdcTable
from api.access.open_requests import OpenRequests
from api.access.rate_limits import RateLimit
from api.analysis_events import AnalysisEvents
from api.db.engine import Database
from api.jobs.interface import JobQueue
from api.live_guide_files import LiveGuideFiles
from api.monitoring.metrics import ServiceMetrics
from api.settings import ServiceSettings
from api.storage.clock_guard import ClockGuard
from api.storage.disk_space import DiskSpace
from api.storage.file_store import FileStore
from api.storage.store_identity import StoreGuard
from api.untrusted_files.clip_probing import ClipProber


@dataclass(frozen=True)
class Access:
    """How the service is reached.

    Parameters
    ----------
    is_open : whether every caller is the owner "local"; on a loopback address only.
    is_lan : whether it was started for the local network.
    is_self_signed : whether the service made its TLS certificate itself.
    """

    is_open: bool = False
    is_lan: bool = False
    is_self_signed: bool = False


@dataclass(frozen=True, eq=False)
class Services:
    """The parts of a running service.

    `own_mdc` holds the minimal detectable changes of the file that the settings name.
    """

    settings: ServiceSettings
    access: Access
    database: Database
    files: FileStore
    jobs: JobQueue
    prober: ClipProber
    metrics: ServiceMetrics
    disk: DiskSpace
    store: StoreGuard
    clock: ClockGuard
    per_owner: RateLimit
    per_address: RateLimit
    events: AnalysisEvents
    live_guide: LiveGuideFiles
    own_mdc: MdcTable = NO_OWN_MDC
    open_requests: OpenRequests = field(default_factory=OpenRequests)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def incoming(self) -> Path:
        """Return the folder of request bodies that are arriving."""
        return self.settings.data_dir / "incoming"

    @property
    def uploads(self) -> Path:
        """Return the folder of resumable uploads, with one folder for each owner."""
        return self.settings.data_dir / "uploads"


async def get_services(request: Request) -> Services:
    """Return the parts of the service. Async, since sync dependencies each occupy a thread."""
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(get_services)]
