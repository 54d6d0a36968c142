"""The level of the phone from its sensors: answers worked out by hand, and events of Chromium's sensor emulation."""

from collections.abc import Callable, Iterator
from contextlib import closing
from math import asin, atan2, cos, degrees, radians, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.api.web.serving import run_in_process, wait_until

MODULE = "/live/level_sensor.js"


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with run_in_process(tmp_path_factory.mktemp("level")) as (_, base), closing(browser.new_page()) as page:
        page.goto(f"{base}/#/sign-in")
        yield page


@pytest.fixture(scope="module")
def compute(page: Page) -> Callable[[float, float, int], dict]:
    def compute_level(beta: float, gamma: float, angle: int) -> dict:
        return page.evaluate(f"import('{MODULE}').then((m) => m.computeLevel({beta}, {gamma}, {angle}))")

    return compute_level


# The phone stands upright in portrait at beta 90; turned counterclockwise by r it has beta 90 - r and gamma -90.
@pytest.mark.parametrize(
    ("beta", "gamma", "angle", "roll", "pitch"),
    [
        (90, 0, 0, 0, 0),
        (84, -90, 0, 6, 0),  # turned counterclockwise by 6 degrees: the picture leans clockwise
        (84, 90, 0, -6, 0),
        (110, 0, 0, 0, 20),  # the upper edge towards the person who films: the rear camera looks up
        (75, 0, 0, 0, -15),
        (0, -90, 90, 0, 0),  # landscape, turned to the left
        (-6, -90, 90, 6, 0),
        (6, -90, 90, -6, 0),
        (0, -70, 90, 0, -20),
        (0, 90, 270, 0, 0),  # landscape, turned to the right
        (6, 90, 270, 6, 0),
        (-90, 0, 180, 0, 0),  # upside down
        (90, 0, 90, -90, 0),  # the screen is still in landscape, the phone upright
        (0, 0, 0, None, -90),  # flat on a table
        (25, 0, 0, None, -65),
    ],
)
def test_known_positions(compute, beta: float, gamma: float, angle: int, roll: float | None, pitch: float):
    level = compute(beta, gamma, angle)
    assert level["roll_deg"] == (None if roll is None else pytest.approx(roll, abs=1e-9))
    assert level["pitch_deg"] == pytest.approx(pitch, abs=1e-9)


def turn(axis: int, angle_deg: float) -> np.ndarray:
    c, s = cos(radians(angle_deg)), sin(radians(angle_deg))
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3)
    matrix[[i, i, j, j], [i, j, i, j]] = c, -s, s, c
    return matrix


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 359), st.floats(-180, 179), st.floats(-90, 89), st.sampled_from([0, 90, 180, 270]))
def test_level_equals_the_rotation_matrices_of_the_specification(compute, alpha, beta, gamma, angle):
    """R = Z(alpha) X(beta) Y(gamma) maps the device to the world; the screen is turned by -angle on the device."""
    rotation = turn(2, alpha) @ turn(0, beta) @ turn(1, gamma) @ turn(2, -angle)
    right, up, out = rotation[2]  # heights of the screen's axes above the horizon
    level = compute(beta, gamma, angle)
    assert level["pitch_deg"] == pytest.approx(-degrees(asin(np.clip(out, -1, 1))), abs=1e-4)
    if level["roll_deg"] is not None:
        error = (level["roll_deg"] - degrees(atan2(right, up)) + 180) % 360 - 180
        assert error == pytest.approx(0, abs=1e-4)


def set_orientation(session, beta: float, gamma: float) -> None:
    session.send("DeviceOrientation.setDeviceOrientationOverride", {"alpha": 0, "beta": beta, "gamma": gamma})


def test_sensor_events_in_portrait_and_landscape(page: Page):
    session = page.context.new_cdp_session(page)
    page.evaluate(f"import('{MODULE}').then((m) => {{ window.level = new m.LevelSensor(); }})")
    assert page.evaluate("level.roll_deg") is None
    set_orientation(session, 84, -90)
    assert page.evaluate("level.start()") is True
    wait_until(page, "level.roll_deg !== null && Math.abs(level.roll_deg - 6) < 0.01")
    metrics = {"width": 740, "height": 360, "deviceScaleFactor": 1, "mobile": True}
    turned = metrics | {"screenOrientation": {"type": "landscapePrimary", "angle": 90}}
    session.send("Emulation.setDeviceMetricsOverride", turned)
    set_orientation(session, 3, -80)
    wait_until(page, "Math.abs(level.roll_deg - -3.05) < 0.01 && Math.abs(level.pitch_deg - -9.99) < 0.01")
    page.evaluate("level.stop()")
    assert page.evaluate("level.roll_deg") is None
    set_orientation(session, 90, 0)
    assert page.evaluate("level.roll_deg") is None
    session.send("DeviceOrientation.clearDeviceOrientationOverride")
    session.send("Emulation.clearDeviceMetricsOverride")


def test_the_front_camera_leans_the_other_way(page: Page):
    level = page.evaluate(
        f"""import('{MODULE}').then((m) => {{
          const level = new m.LevelSensor({{ isFront: true }});
          level.read({{ beta: 84, gamma: -90 }});
          return [level.roll_deg, level.pitch_deg];
        }})"""
    )
    assert level == [pytest.approx(-6), pytest.approx(0, abs=1e-9)]


def test_events_without_a_sensor_leave_it_unknown(page: Page):
    level = page.evaluate(
        f"""import('{MODULE}').then(async (m) => {{
          const level = new m.LevelSensor();
          await level.start();
          window.dispatchEvent(new DeviceOrientationEvent('deviceorientation'));
          level.stop();
          return [level.roll_deg, level.pitch_deg];
        }})"""
    )
    assert level == [None, None]


@pytest.mark.parametrize(("answer", "is_started"), [("granted", True), ("denied", False)])
def test_permission_is_requested_while_the_tap_is_handled(page: Page, answer: str, is_started: bool):
    """iOS has DeviceOrientationEvent.requestPermission, which must be called before anything is awaited."""
    got = page.evaluate(
        f"""import('{MODULE}').then(async (m) => {{
          let isHandlingTap = false, wasInTap = false, roll = null;
          DeviceOrientationEvent.requestPermission = async function () {{
            wasInTap = isHandlingTap && this === DeviceOrientationEvent;
            return '{answer}';
          }};
          const level = new m.LevelSensor();
          const tap = () => {{ isHandlingTap = true; const started = level.start(); isHandlingTap = false;
            return started; }};
          const isStarted = await tap();
          window.dispatchEvent(new DeviceOrientationEvent('deviceorientation', {{ beta: 84, gamma: -90 }}));
          roll = level.roll_deg;
          level.stop();
          delete DeviceOrientationEvent.requestPermission;
          return {{ isStarted, wasInTap, roll }};
        }})"""
    )
    assert (got["isStarted"], got["wasInTap"]) == (is_started, True)
    assert got["roll"] == (pytest.approx(6) if is_started else None)
