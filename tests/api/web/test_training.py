"""The training card of a client in the browser, with hand-built results."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from analyzer.coaching.screening import format_referral
from analyzer.coaching.trainable_menu import load_menu
from analyzer.results.schema import Finding
from tests.api.service import tiny_clip
from tests.api.web.conftest import PHONE, SCREENS
from tests.api.web.serving import run_in_process, wait_until_drawn
from tests.api.web.test_views import OUTSIDE, SMALL
from tests.coaching.client_history import make_comfort_row, make_filmed_clip
from tests.compare.results import three_reps

HEAVIER = load_menu()["hip_skill"].later[0].say
SHORTER = ("reported.modify", "ease_off.shorter_range")
STAGE = {"stage": "slump", "time_s": 1.0}


def make_hinge(day, from_tall_deg, load_kg):
    rows = {"trunk_thigh_deg": [make_comfort_row(from_tall_deg)]}
    findings = {"can": ["hinge.reps"], "next": ("general.keep_going", "hip_skill.heavier")}
    return make_filmed_clip(day, *three_reps(), lights=["go"], comfortable=rows, load_kg=load_kg, **findings)


def make_slump(day, from_tall_deg):
    angles = ("trunk_inclination_deg", "neck_flexion_deg", "back_rounding_deg")
    rows = {angle: [make_comfort_row(from_tall_deg, where=STAGE)] for angle in angles}
    rows["knee_flexion_deg"] = [make_comfort_row(-from_tall_deg, side=side, where=STAGE) for side in ("near", "far")]
    return make_filmed_clip(day, movement="slump", lights=["modify"], comfortable=rows, next=SHORTER)


KIM = [
    make_hinge(1, 50.0, 20),
    make_hinge(8, 55.0, 32.5),
    make_hinge(15, 70.0, 40),
    make_slump(2, 20.0),
    make_slump(16, 24.0),
    make_filmed_clip(
        3,
        *three_reps(),
        movement="squat",
        variant="goblet",
        next=("general.keep_going", "load_on.training_effect"),
    ),
    make_filmed_clip(4, *three_reps(), movement="toe_touch", lights=["stop"]),
]


SINGLE_LIFT = make_filmed_clip(5, three_reps()[0].model_copy(update={"complete": False}), can=["hinge.way_up"])


def make_referral():
    clip = make_filmed_clip(20, *three_reps(), lights=["stop"], screen=("answered", "soon"))
    clip.analysis.findings.append(Finding(id="clinician.soon", kind="next", text=format_referral("soon", "Dr Okafor")))
    return clip


@dataclass(frozen=True)
class TrainingService:
    base: str
    kim: str
    robin: str
    lee: str
    untested: str


@pytest.fixture(scope="module")
def training_service(tmp_path_factory) -> Iterator[TrainingService]:
    folder = tmp_path_factory.mktemp("training")
    clip = tiny_clip(folder / "a.mp4").read_bytes()
    with run_in_process(folder) as (service, base), httpx.Client(base_url=base, timeout=60) as api:

        def client(name, clips):
            id = api.post("/v1/clients", json={"name": name}).json()["id"]
            for one in clips:
                sent = {"client": id, "recorded_at": one.at.isoformat()}
                answer = api.post("/v1/analyses", files={"clip": ("a.mp4", clip)}, data=sent)
                service.finish(answer.json()["id"], one.analysis)
            return id

        robin = [*KIM[:2], make_referral()]
        yield TrainingService(
            base, client("Kim", KIM), client("Robin", robin), client("Lee", [SINGLE_LIFT]), client("Sam", [])
        )


def open_client(browser: Browser, training_service: TrainingService, client: str, size=PHONE, scheme="light") -> Page:
    touch = {"is_mobile": True, "has_touch": True} if size is PHONE else {}
    context = browser.new_context(
        viewport=size, color_scheme=scheme, service_workers="block", base_url=training_service.base, locale="en-GB",
        timezone_id="UTC", reduced_motion="reduce", **touch,
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"/#/clients/{client}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    wait_until_drawn(page)
    return page


@pytest.fixture
def kim(browser: Browser, training_service: TrainingService) -> Iterator[Page]:
    page = open_client(browser, training_service, training_service.kim)
    yield page
    page.context.close()


@SCREENS
def test_training_card_is_accessible_and_fits(browser: Browser, training_service: TrainingService, size, scheme):
    for client in (training_service.kim, training_service.robin):
        page = open_client(browser, training_service, client, size, scheme)
        for fold in page.locator("section[aria-labelledby=train-title] summary").all():
            fold.click()
        violations = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        problems = [f"{one['id']} {one['nodes'][0]['target']}" for one in violations]
        problems += page.evaluate(OUTSIDE) + (page.evaluate(SMALL) if size is PHONE else [])
        assert problems == []
        page.context.close()


def test_training_card_comes_first_and_paused_movements_last(kim: Page):
    expect(kim.get_by_role("heading", level=2).first).to_have_text("What you can train")
    card = kim.get_by_role("region", name="What you can train")
    titles = ["Hip hinge / deadlift", "Squat, goblet", "Seated slump", "Toe touch"]
    expect(card.get_by_role("heading", level=3)).to_have_text(titles)
    lights = [
        one.strip().splitlines()[-1].removeprefix("Last reported: ") for one in card.locator(".light").all_inner_texts()
    ]
    assert lights == ["Go", "Not asked yet", "A notch easier", "Leave it for now"]
    assert card.locator(".light svg").count() == 4


def test_load_range_and_next_step_have_dates(kim: Page):
    first = kim.locator(".train").first
    text = re.sub(r"\s*–\s*", "–", first.inner_text().replace("\N{NO-BREAK SPACE}", " "))
    assert "40 kg · 3 reps · 15 Mar 2026" in text
    assert "20 kg → 40 kg\n1–15 Mar 2026" in text
    assert "Comfortable: trunk-thigh\n50° → 70° from tall\n1–15 Mar 2026" in text
    # 20 degrees from one rep to one of another day: beyond 12.8
    assert "20 degrees more" in text
    assert f"Next step: {HEAVIER}" in text
    assert first.locator("svg.spark").count() == 2
    slump = kim.locator(".train").filter(has_text="Seated slump")
    expect(slump).to_contain_text("no clear change")


def test_paused_movement_has_neutral_words_and_no_next_step(kim: Page):
    text = kim.locator(".train").last.inner_text()
    assert "Leave this one for now and come back to it." in text
    assert "Next step" not in text


def test_entry_links_to_its_clip(kim: Page):
    link = kim.get_by_role("link", name="Clip: Hip hinge / deadlift, 15 Mar 2026")
    link.click()
    expect(kim).to_have_url(re.compile("#/clips/ana_"))


def test_clip_without_a_complete_rep_counts_none(browser: Browser, training_service: TrainingService):
    page = open_client(browser, training_service, training_service.lee)
    entry = page.locator(".train").inner_text()
    assert "5 Mar 2026" in entry
    assert "reps" not in entry
    page.context.close()


def test_referral_comes_before_training(browser: Browser, training_service: TrainingService):
    page = open_client(browser, training_service, training_service.robin)
    card = page.get_by_role("region", name="Before training")
    expect(card).to_contain_text("Please speak to Dr Okafor today or within days")
    expect(page.get_by_text("What you can train")).to_have_count(0)
    expect(page.get_by_text("Next step")).to_have_count(0)
    expect(card.locator(".train")).to_be_hidden()
    card.get_by_text("On record so far").click()
    expect(card.locator(".train")).to_be_visible()
    page.context.close()


def test_client_without_clips_has_no_training_card(browser: Browser, training_service: TrainingService):
    page = open_client(browser, training_service, training_service.untested)
    expect(page.get_by_role("heading", level=1, name="Sam")).to_be_visible()
    expect(page.locator("#train-title")).to_have_count(0)
    page.context.close()
