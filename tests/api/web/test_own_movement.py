"""A movement of another package on the result page: its own words, stages and measures, as the service serves them."""

import json
from collections.abc import Mapping

import pytest
from playwright.sync_api import Page, expect

from analyzer.coaching.session_plans import list_plans
from analyzer.movements.protocol import EventKind, Events, Movement, RepPhases, SessionPlan
from analyzer.movements.registry import load_movements
from analyzer.results.schema import Analysis, Stage
from analyzer.vocabulary.measures import MeasureLabel
from tests.api.web.web_service import OpenPage, WebTestService, open_address
from tests.compare.results import rep, result

TIMES_S = [i / 10 for i in range(101)]


class Windmill(Movement):
    """A movement that no package of this project contains."""

    name = "windmill"
    title = "kettlebell windmill"
    main_angle = "trunk_inclination_deg"
    event_kind: EventKind = "stages"
    phases = RepPhases(top="bell up", turn="hand at the foot", outward="sinking", back="rising")
    stage_titles: Mapping[str, str] = {"brace": "Bell overhead", "reach": "Reaching down"}
    correctable_stages = ("brace", "reach", "rest")
    instructions = "Three slow windmills to each side."
    session_plans: tuple[SessionPlan, ...] = ("practice", "first_look")
    measure_labels: Mapping[str, MeasureLabel] = {
        "lean_range_deg": MeasureLabel(label="Sideways lean"),
        "bell_share": MeasureLabel(label="Bell above the shoulder", unit="share"),
    }

    def recognise(self, motion):
        return 0.0

    def find_events(self, motion, details):
        return Events()


def build_analysis() -> Analysis:
    """Build a result with one rep, two stages, two measures with words and one without."""
    measures = {"lean_range_deg": -42.4, "bell_share": 0.955, "internal_index": 3}
    stages = [Stage(name="brace", start_s=0.0, end_s=2.0), Stage(name="reach", start_s=2.0, end_s=3.5)]
    analysis = result(rep(1, ascent_s=1.2), movement="windmill", variant="half_kneeling", measures=measures)
    return analysis.model_copy(update={"stages": stages})


@pytest.fixture
def page(open_page: OpenPage, web_service: WebTestService) -> Page:
    """Open a page whose service also has the windmill."""

    def add_windmill(route) -> None:
        answer = route.fetch()
        items = [*answer.json()["items"], Windmill().describe().model_dump(mode="json")]
        route.fulfill(response=answer, json={"items": items})

    def add_plans(route) -> None:
        plans = list_plans([*load_movements().values(), Windmill()])
        route.fulfill(json={"items": [plan.model_dump(mode="json") for plan in plans]})

    page = open_page("me")
    page.route("**/v1/movements", add_windmill)
    page.route("**/v1/session-plans", add_plans)
    return page


@pytest.fixture
def result_page(page: Page, web_service: WebTestService) -> Page:
    """Open the result of a windmill."""
    id = web_service.send_clip(web_service.create_client())
    overlay = {"times_s": TIMES_S, "width_px": 64, "height_px": 48, "names": [], "lines": [], "near": [],
               "points_px": [], "back": None, "load": None, "main_angle": "trunk_inclination_deg",
               "series": {"trunk_inclination_deg": [30.0] * len(TIMES_S)}}  # fmt: skip
    files = {"overlay.json": json.dumps(overlay).encode(), "clip.mp4": web_service.clip.read_bytes()}
    web_service.service.finish(id, build_analysis(), **files)
    return open_address(page, f"clips/{id}")


def test_result_page_shows_the_words_of_the_movement(result_page: Page):
    expect(result_page.get_by_role("heading", level=1)).to_have_text("Kettlebell windmill, half kneeling")
    rows = result_page.locator("[aria-labelledby=events-title] .line-link")
    expect(rows).to_have_count(3)
    texts = [" ".join(text.split()) for text in rows.all_inner_texts()]
    assert texts == [
        "Bell overhead from 0.0 s, 2.0 s long",
        "Reaching down from 2.0 s, 1.5 s long",
        "Rep 1 sinking 1.0 s, pause 0.0 s, rising 1.2 s",
    ]


def test_result_page_shows_the_measures_that_the_movement_names(result_page: Page):
    numbers = result_page.locator("details", has=result_page.locator("summary", has_text="All measures"))
    numbers.locator("summary").click()
    expect(numbers.locator("dt")).to_have_text(["Sideways lean", "Bell above the shoulder"])
    assert [text.split() for text in numbers.locator("dd").all_inner_texts()] == [["\N{MINUS SIGN}42°"], ["96", "%"]]


def test_stages_of_the_movement_are_corrected(result_page: Page):
    result_page.get_by_role("button", name="Change Reaching down").click()
    panel = result_page.locator(".stage-panel")
    options = ["Choose…", "Bell overhead", "Reaching down", "Rest"]
    expect(panel.get_by_label("Stage").locator("option")).to_have_text(options)
    expect(panel.get_by_label("Leg")).to_have_count(0)  # none of its stages needs one
    panel.get_by_label("Stage").select_option(label="Rest")
    with result_page.expect_request(lambda request: request.method == "PUT") as stored:
        panel.get_by_role("button", name="Save").click()
    assert stored.value.post_data_json["stages"] == [
        {"name": "rest", "start_s": 2, "end_s": 3.5, "movement": "windmill"}
    ]
    expect(result_page.get_by_role("button", name="Change Rest")).to_be_visible()


def test_movement_is_offered_in_menus_and_session_plans(page: Page, web_service: WebTestService):
    open_address(page, "")
    page.get_by_text("Details").first.click()
    page.get_by_label("Movement").select_option(label="Kettlebell windmill")
    open_address(page, f"session/{web_service.create_client()}")
    expect(page.get_by_role("button", name="A first look")).to_contain_text("6 movements")
    expect(page.get_by_role("button", name="Kettlebell windmill, better today")).to_be_visible()
