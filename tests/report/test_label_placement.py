import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analyzer.report.drawing.label_placement import LabelPlacer, LabelRequest

NOBODY = np.empty((0, 2))


def request_at(x, y, dx=1.0, dy=0.0, name="a"):
    return LabelRequest(name, (60, 20), np.array([x, y], dtype=float), np.array([dx, dy]), gap=10)


def test_a_free_label_is_placed_beside_its_joint_away_from_the_body():
    assert LabelPlacer().place([request_at(100, 100)], 400, 400, NOBODY) == {"a": (110, 90, 170, 110)}
    assert LabelPlacer().place([request_at(100, 100, dx=-1)], 400, 400, NOBODY) == {"a": (30, 90, 90, 110)}
    assert LabelPlacer().place([request_at(100, 100, dx=0, dy=-1)], 400, 400, NOBODY) == {"a": (70, 70, 130, 90)}


def test_a_label_avoids_the_body():
    body = np.column_stack([np.linspace(110, 170, 20), np.full(20, 100)])
    (box,) = LabelPlacer().place([request_at(100, 100)], 400, 400, body).values()
    assert not any(box[0] < x < box[2] and box[1] < y < box[3] for x, y in body)


def test_a_label_does_not_move_between_equally_good_places():
    placer = LabelPlacer()
    body = np.array([[140.0, 100.0]] * 5)
    (first,) = placer.place([request_at(100, 100)], 400, 400, body).values()
    (second,) = placer.place([request_at(100, 100)], 400, 400, NOBODY).values()
    assert first == second


def test_a_wide_label_near_the_edge_of_the_picture_leaves_the_body_free():
    person = np.stack(np.meshgrid(np.arange(150, 191, 8), np.arange(60, 160, 8)), axis=-1).reshape(-1, 2).astype(float)
    request = LabelRequest("a", (140, 20), np.array([180.0, 110.0]), np.array([1.0, 0.0]), gap=15)
    (box,) = LabelPlacer().place([request], 200, 200, person).values()
    assert not any(box[0] < x < box[2] and box[1] < y < box[3] for x, y in person)


def test_the_line_to_a_label_does_not_cross_the_body_where_another_place_is_free():
    x, y = np.meshgrid(np.arange(112, 119, 2), np.arange(60, 141, 4))
    across = np.column_stack([x.ravel(), y.ravel()]).astype(float)
    request = LabelRequest("a", (40, 20), np.array([100.0, 100.0]), np.array([1.0, 0.0]), gap=10)
    (box,) = LabelPlacer().place([request], 400, 400, across).values()
    assert box[2] <= 112


def test_a_label_larger_than_the_picture_is_left_out():
    assert LabelPlacer().place([request_at(10, 10)], 50, 50, NOBODY) == {}


numbers = st.floats(-300, 700)


@given(
    st.lists(st.tuples(numbers, numbers, st.floats(-1, 1), st.floats(-1, 1)), max_size=8),
    st.lists(st.tuples(numbers, numbers), max_size=30),
)
def test_labels_stay_in_the_picture_and_never_overlap(places, body):
    requests = [request_at(*place, name=str(k)) for k, place in enumerate(places)]
    taken = (0, 0, 120, 30)
    boxes = LabelPlacer().place(requests, 400, 300, np.array(body).reshape(-1, 2), [taken])
    placed = [taken, *boxes.values()]
    for k, (x0, y0, x1, y1) in enumerate(placed):
        assert 0 <= x0 < x1 <= 400 and 0 <= y0 < y1 <= 300
        for a0, b0, a1, b1 in placed[:k]:
            assert x1 <= a0 or a1 <= x0 or y1 <= b0 or b1 <= y0
