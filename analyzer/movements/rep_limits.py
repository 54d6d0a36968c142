"""Thresholds of repetition detection."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RepLimits:
    """Thresholds of a repetition; shares are of the clip's own range unless stated otherwise."""

    range_deg: float = 25.0  # smallest range of a rep; sources 2.1
    min_duration_s: float = 0.6  # shortest rep; sources 2.1
    bound_share: float = 0.10  # a rep begins and ends at this share of its own range; sources 2.1
    turn_share: float = 0.35  # the way back must be this long after a turn; chosen
    min_median_share: float = 0.5  # of the median rep: smaller turns are no reps (set-up, racking); chosen
    # Of the next faster way up, in sets of three or more: a faster one is a cut in the film; chosen on 20 sets, in
    # which two cuts had 0.08 and 0.36, a way up on walking hands 0.43, and all others 0.72 and more
    min_ascent_share: float = 0.4
    seen_share: float = 0.25  # the top is visible where the depth comes this near to it; chosen
    band_share: float = 0.05  # of the rep's range: this near to the deepest is at the bottom; chosen
    slowing_share: float = 0.22  # from 5 % short of a turn to the turn, share of the way from 10 to 95 %; half a cosine
    deep_share: float = 0.15  # a clip that begins this near to the deepest begins at the bottom; chosen
    # Of the way to the top: a pause at least this long, within `deep_share` of the deepest, belongs to the bottom. Half
    # a cosine stays within `band_share` for less; chosen on 18 clips, tried on 20 others
    min_pause_share: float = 0.25
    # Of the greatest speed of the way up: a clip that begins faster, and not as deep as the other reps are, does not
    # show the bottom; chosen on 36 sets and on parts of them
    max_start_speed_share: float = 0.5
    start_speed_s: float = 0.15  # the speed at the start is measured over this time; chosen
    long_pause_s: float = 0.5  # the bottom of a longer pause is its middle, else the turn itself; chosen
    level_s: float = 1.0  # the top is the least depth within this time of leaving or reaching it; chosen
    robust_s: float = 0.2  # levels that last less than this do not make the clip's range; chosen
    max_gap_s: float = 0.5  # a longer gap near the top is filled with the top; chosen
    min_tempo_fps: float = 19.5  # no tempo from fewer frames: 20 less the error of clocks; sources 5
    min_visible_s: float = 0.1  # shorter parts between two gaps are dropped; chosen


LIMITS = RepLimits()
