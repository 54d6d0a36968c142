"""A slow body is sampled less often, a moving one in every frame."""

import numpy as np
import pytest

from analyzer.pose.adaptive_sampling import AdaptiveSampler, interpolate_skipped
from analyzer.pose.track import Pose
from tests.bodies import pose

TRUNK_PX = 0.288 * 400.0  # of `pose` at its usual size


def intervals_s(speed_trunks_s: float, frames: int = 12, fps: float = 30.0) -> list[float]:
    """Return the intervals for a body that moves sideways at that speed."""
    sampler = AdaptiveSampler()
    return [
        sampler.next_interval_s(i / fps, pose(300 + i / fps * speed_trunks_s * TRUNK_PX, 300)) for i in range(frames)
    ]


@pytest.mark.parametrize(
    ("speed", "interval_s"),
    [(0.0, 0.134), (0.33, 0.134), (0.4, 0.1), (0.75, 0.1), (0.9, 0.067), (1.5, 0.067), (1.7, 0.0), (3, 0)],
)
def test_the_slower_the_body_the_longer_the_interval(speed, interval_s):
    assert intervals_s(speed)[2:] == [interval_s] * 10


def test_speed_is_measured_over_60_ms_at_every_frame_rate():
    assert intervals_s(0.0, fps=120.0)[:9] == [0.0] * 8 + [0.134]
    assert intervals_s(0.0, fps=10.0)[:2] == [0.0, 0.134]


def test_a_body_that_starts_to_move_is_noticed_in_the_next_tracked_frame():
    sampler = AdaptiveSampler()
    still = [sampler.next_interval_s(0.2 * i, pose(300, 300)) for i in range(4)]
    assert [*still, sampler.next_interval_s(0.8, pose(300 + 0.4 * TRUNK_PX, 300))] == [0, 0.134, 0.134, 0.134, 0.0]


def test_the_first_frames_give_no_interval():
    assert intervals_s(0.0)[:2] == [0.0, 0.0]


def test_a_lost_body_is_searched_in_every_frame_and_its_speed_is_reset():
    sampler = AdaptiveSampler()
    assert [sampler.next_interval_s(i / 30, pose(300, 300)) for i in range(3)] == [0, 0, 0.134]
    assert [
        sampler.next_interval_s(i / 30, person) for i, person in enumerate([None, pose(300, 300), pose(300, 300)], 3)
    ] == [
        0,
        0,
        0,
    ]


def test_one_moving_hand_is_not_a_moving_body_but_half_a_body_is():
    def moved(points, by_px):
        still = pose(300, 300)
        shifted = still.points_px.copy()
        shifted[points, 0] += by_px
        return Pose(shifted, still.visibility, still.world_m)

    hand, upper = [16], [0, *range(11, 17)]
    for points, interval_s in ((hand, 0.134), (upper, 0.0)):
        sampler = AdaptiveSampler()
        assert [sampler.next_interval_s(i / 30, moved(points, 8.0 * i)) for i in range(4)][-1] == interval_s


def interpolate(values, is_sampled, decoded=None, times_s=None, *, is_smooth=False):
    rows = len(values)
    times_s = np.arange(float(rows)) if times_s is None else times_s
    decoded = np.ones(rows, dtype=bool) if decoded is None else np.array(decoded, dtype=bool)
    interpolate_skipped(values, np.array(is_sampled, dtype=bool), decoded, times_s, is_smooth=is_smooth)


def test_skipped_rows_are_interpolated():
    values = np.array([0.0, -1, -1, 9, -1, 4])[:, None]
    interpolate(values, [1, 0, 0, 1, 0, 1])
    assert values[:, 0] == pytest.approx([0, 3, 6, 9, 6.5, 4])


def test_by_time_where_frames_are_not_evenly_spaced():
    values = np.array([0.0, -1, -1, 9])[:, None]
    interpolate(values, [1, 0, 0, 1], times_s=np.array([0, 0.1, 0.5, 0.9]))
    assert values[:, 0] == pytest.approx([0, 1, 5, 9])


def test_a_parabola_is_interpolated_exactly_along_the_curve():
    times_s = np.array([0, 0.1, 0.25, 0.3, 0.5, 0.6, 0.7, 0.9])
    true = (3 - 20 * times_s + 30 * times_s**2)[:, None]
    is_sampled = np.array([1, 1, 0, 1, 0, 1, 1, 1], dtype=bool)
    curve, lines = np.where(is_sampled[:, None], true, -1.0), np.where(is_sampled[:, None], true, -1.0)
    interpolate(curve, is_sampled, times_s=times_s, is_smooth=True)
    interpolate(lines, is_sampled, times_s=times_s)
    assert curve == pytest.approx(true)
    assert abs(lines - true).max() > 0.1


@pytest.mark.parametrize("is_smooth", [False, True])
def test_before_the_first_and_after_the_last_sampled_row_values_are_constant(is_smooth):
    values = np.array([-1.0, 2, -1, 4, -1])[:, None]
    interpolate(values, [0, 1, 0, 1, 0], is_smooth=is_smooth)
    assert values[:, 0].tolist() == [2, 2, 3, 4, 4]
    alone = np.array([-1.0, 2, -1])[:, None]
    interpolate(alone, [0, 1, 0], is_smooth=is_smooth)
    assert alone[:, 0].tolist() == [2, 2, 2]


@pytest.mark.parametrize("is_smooth", [False, True])
def test_no_interpolation_beside_lost_or_undecoded_frames(is_smooth):
    values = np.array([[1.0, 1], [0, 0], [np.nan, np.nan], [7, 7], [0, 0], [5, 5], [0, 0], [3, 3]])
    interpolate(values, [1, 0, 1, 1, 0, 1, 0, 1], [1, 1, 1, 1, 0, 1, 1, 1], is_smooth=is_smooth)
    assert np.isnan(values[1]).all()
    assert values[4].tolist() == [0, 0]
    assert values[6] == pytest.approx(4.0)
