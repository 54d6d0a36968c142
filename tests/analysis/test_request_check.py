"""Arguments of `analyze` that cannot be right: refused before the clip is read, which here is not even there."""

from pathlib import Path

import numpy as np
import pytest

from analyzer import AnalyzerError, ClipError, analyze
from analyzer.analysis.request_check import build_request
from analyzer.coaching.marks import MarksError
from analyzer.errors import RequestError


def request_with(**arguments):
    unset = {"variant": None, "load_kg": None, "height_cm": None, "marks": None}
    return build_request(**({"movement": "hinge", "subject": "auto", "model": "full"} | unset | arguments))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"movement": "hinge", "variant": "sumoo"}, "variant 'sumoo' is not a variant of hinge; choose conventional, "),
        ({"movement": "hinge", "variant": "goblet"}, "variant 'goblet' is not a variant of hinge; choose "),
        ({"movement": "slump", "variant": "sumo"}, "is not a variant of slump; the movement has none, so leave it out"),
        ({"variant": "sumoo"}, "variant 'sumoo' is not a variant of any movement; choose "),
        ({"model": "big"}, "model 'big': expected auto, lite, full, heavy"),
        ({"subject": "biggest"}, "subject 'biggest': expected auto, largest, central, or X,Y such as 640,360"),
        ({"subject": (640, 360)}, r"subject \(640, 360\): expected "),
        ({"height_cm": 1.75}, "height_cm 1.75: expected 50 to 272 cm, or None where it is not known"),
        ({"height_cm": "175"}, "height_cm '175': expected "),
        ({"height_cm": float("nan")}, "height_cm nan: expected "),
        ({"load_kg": -5}, "load_kg -5: expected 0 to 1000 kg"),
    ],
)
def test_a_value_that_cannot_be_is_refused_before_the_clip_is_read(arguments, text):
    with pytest.raises(RequestError, match=text) as raised:
        analyze("no-such-clip.mp4", **arguments)
    assert isinstance(raised.value, AnalyzerError)


def test_malformed_marks_are_refused_before_the_clip_is_read():
    with pytest.raises(MarksError, match=r"^marks: report: "):
        analyze("no-such-clip.mp4", marks={"report": []})


@pytest.mark.parametrize("path", [np.zeros((5, 480, 640, 3), np.uint8), None, 0, b"clip.mp4", ["clip.mp4"]])
def test_something_else_than_a_path_is_a_type_error(path):
    with pytest.raises(TypeError, match=rf"^path: expected the name of one video file, .* got {type(path).__name__}$"):
        analyze(path)


@pytest.mark.parametrize("path", ["no-such-clip.mp4", Path("no-such-clip.mp4")])
def test_arguments_that_can_be_right_lead_to_the_clip(path):
    with pytest.raises(ClipError, match="there is no such file"):
        analyze(path, variant="goblet", model="auto", subject="640,360", load_kg=0, height_cm=180)


def test_numbers_of_numpy_become_plain_ones():
    """Those of a pandas row would be refused when the result is written as JSON."""
    request = request_with(load_kg=np.int64(60), height_cm=np.float32(175))
    assert (request.load_kg, request.height_cm) == (60.0, 175.0)
    assert {type(request.load_kg), type(request.height_cm)} == {float}
