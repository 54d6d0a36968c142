"""Run the service in this process for tests of the page, with hand-built results, and open pages on it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Locator, Page

from analyzer.results.schema import Analysis, Finding
from api.db import clients, owners
from tests.api.service import Service, tiny_clip
from tests.api.web.serving import PHONE, run_in_process, wait_until_drawn
from tests.compare.results import rep, result

FILE_INPUT = "input[type=file]:not([capture])"
CUE = "Reach your back pockets to the wall."
HINGE, SQUAT = "Hip hinge / deadlift, better today", "Squat, better today"

NUMBERS = count()


def make_result(movement: str, can: str, *, folded_deg: float = 80.0, level: int | None = None) -> Analysis:
    """Build a result with three reps: `folded_deg` at the turn, and a symptom report of `level` if given."""
    reps = [
        rep(i, trunk_thigh_deg=folded_deg + d).model_copy(
            update={"measures": {"trunk_thigh_deg": folded_deg + d, "trunk_deg": 60.0}}
        )
        for i, d in ((1, -1), (2, 0), (3, 1))
    ]
    measures = {} if level is None else {"reported": [{"rep": 1, "level": level, "light": "go"}]}
    findings = [
        Finding(id="general.can", kind="can", text=can),
        Finding(id="general.next", kind="next", text=f"Next for {movement}.", cue=CUE, try_="Light kettlebell."),
    ]
    name = f"{next(NUMBERS)}.mp4"  # clips of one name and content would be the same clip
    return result(*reps, name=name, movement=movement, measures=measures).model_copy(update={"findings": findings})


@dataclass(frozen=True)
class WebTestService:
    """A service in this process, and functions that add clients and results."""

    service: Service
    base: str
    clip: Path
    api: httpx.Client

    def create_client(self, name: str = "Kim") -> str:
        """Return the id of a new client; every test has its own Kim, though the API allows only one."""
        with self.service.services.database.session() as session:
            return clients.create(session, owners.get_or_create(session, owners.LOCAL_OWNER).id, name).id

    def send_clip(self, client: str, movement: str = "hinge") -> str:
        files = {"clip": ("a.mp4", self.clip.read_bytes())}
        return self.api.post("/v1/analyses", files=files, data={"client": client, "movement": movement}).json()["id"]

    def add_result(self, client: str, movement: str = "hinge", can: str = "You hinged well.", **options) -> str:
        id = self.send_clip(client, movement)
        self.service.finish(id, make_result(movement, can, **options))
        return id

    def add_session(self, client: str, plan: str, *steps: dict, finished: bool = False, **fields) -> str:
        """Start a session with these first steps; return its id."""
        names = {one["name"]: one["steps"] for one in self.api.get("/v1/session-plans").json()["items"]}[plan]
        given = [{"name": step["name"], **known} for step, known in zip(names, steps, strict=False)]
        times = {"finished_at": datetime.now(UTC).isoformat()} if finished else {}
        body = {"client": client, "plan": plan, "steps": given, **times, **fields}
        answer = self.api.post("/v1/sessions", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def get_session(self, client: str) -> dict:
        """Return the newest session of a client."""
        return self.api.get("/v1/sessions", params={"client": client, "limit": 1}).json()["items"][0]

    def get_newest(self, client: str) -> dict:
        return self.api.get("/v1/analyses", params={"client": client, "limit": 1}).json()["items"][0]


@contextmanager
def run_web_service(folder: Path) -> Iterator[WebTestService]:
    with run_in_process(folder) as (service, base), httpx.Client(base_url=base, timeout=60) as api:
        yield WebTestService(service, base, tiny_clip(folder / "hinge.mp4"), api)


OpenPage = Callable[..., Page]


@contextmanager
def create_page_opener(browser: Browser, web_service: WebTestService) -> Iterator[OpenPage]:
    """Yield a function that opens an address in a new browser context; script errors and policy violations fail."""
    contexts, errors = [], []

    def open_page(address: str, size: dict[str, int] = PHONE, scheme: str = "light") -> Page:
        touch = {"is_mobile": True, "has_touch": True} if size is PHONE else {}
        context = browser.new_context(
            viewport=size, color_scheme=scheme, service_workers="block", base_url=web_service.base, locale="en-GB",
            timezone_id="UTC", reduced_motion="reduce", **touch,
            permissions=["camera", "clipboard-read", "clipboard-write"],
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if "Security" in message.text else None)
        page.goto(f"/#/{address}")
        wait_until_drawn(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


NAVIGATE = "(path) => import('/core/router.js').then(({ navigate }) => { navigate(path); })"


def open_address(page: Page, address: str) -> Page:
    page.evaluate(NAVIGATE, address)
    wait_until_drawn(page)
    return page


def find_step(page: Page, title: str) -> Locator:
    return page.locator(".step").filter(has=page.locator("strong", has_text=re.compile(f"^{title}$")))
