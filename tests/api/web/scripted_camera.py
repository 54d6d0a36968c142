"""A camera view whose pose model is replaced by a script: it finds drawn people, at once and always the same."""

import json

import numpy as np
from playwright.sync_api import Page, Route

from tests.api.web.live_bodies import Body

FILES = "**/live-guide/files.json"


def refuse_files(route: Route) -> None:
    """Answer as a service that does not have the guide's files."""
    route.fulfill(json={"files": None})


Person = dict[str, list[float]]


def draw_set(reps: int) -> list[list[Person]]:
    """Draw a person who stands tall, hinges and stands still again, ten pictures a second."""
    hinge = [Body(trunk_deg=80 * bend, thigh_deg=-20 * bend) for bend in np.sin(np.linspace(0, np.pi, 21)[1:]) ** 2]
    bodies = [*[Body()] * 30, *hinge * reps, *[Body()] * 40]
    return [[body.draw()] for body in bodies]


# Answers each frame at once with the next of the drawn people, a tenth of a second after the last: a slow machine
# takes longer and sees the same.
SCRIPTED_WORKER = """
const samples = PEOPLE;
let n = 0;
onmessage = ({ data }) => {
  if (data.type === "load") return postMessage({ type: "ready" });
  data.frame.close();
  const people = samples[Math.min(n++, samples.length - 1)];
  const sample = { time_s: n / 10, width_px: 960, height_px: 540, brightness: 128, people };
  postMessage({ type: "sample", sample, inference_ms: 5 });
};
"""


def use_scripted_people(page: Page, people: list[list[Person]]) -> None:
    """Make the camera view find these people in place of those that the pose model finds."""
    files = {"bundle": "/a", "loader": "/b", "wasm": "/c", "models": {"full": "/d"}}
    page.route(FILES, lambda route: route.fulfill(json={"files": files}))
    worker = SCRIPTED_WORKER.replace("PEOPLE", json.dumps(people))
    page.route("**/live/pose_worker.js", lambda route: route.fulfill(body=worker, content_type="text/javascript"))
