"""Names of the slump stages, their spans in time, and the thresholds by which they are found (sources 4)."""

from dataclasses import dataclass
from typing import Literal, get_args

from analyzer.results.schema import BodySide

SlumpStage = Literal[
    "tall_sit",
    "slump",
    "chin_to_chest",
    "knee_straight",
    "toes_up",
    "neck_release",
    "toes_release",
    "knee_release",
    "return",
]
STAGES: tuple[SlumpStage, ...] = get_args(SlumpStage)
(
    TALL_SIT,
    SLUMP,
    CHIN_TO_CHEST,
    KNEE_STRAIGHT,
    TOES_UP,
    NECK_RELEASE,
    TOES_RELEASE,  # not a stage of its own in sources 4: a single part that is let go
    KNEE_RELEASE,  # likewise
    RETURN,
) = STAGES


@dataclass(frozen=True)
class SlumpLimits:
    """Thresholds of sitting and of stages."""

    thigh_deg: float = 50.0  # thigh at least this far off the vertical: sitting; chosen, as kinematics/baseline_posture
    trunk_from_deg: float = -20.0  # leaning back further is reclining, not sitting tall; chosen
    trunk_to_deg: float = 60.0  # a seated slump stays above this; chosen
    max_hidden_s: float = 1.0  # hidden, or off the seat, for less than this does not end the sitting; chosen
    slump_trunks: float = 0.07  # shoulders moved forward and down by 3 to 4 cm; chosen
    slump_share: float = 0.35  # or by this share of their range in the clip; chosen
    rounded_deg: float = 20.0  # or the back rounded by this: shoulders may stay over hips that roll back; chosen
    rolled_trunks: float = 0.05  # or hips rolled back by this, shoulders half as much nearer to them; chosen
    tall_percentile: float = 10.0  # of the shoulders' place: sitting tall, where there is no baseline posture; chosen
    neck_deg: float = 10.0  # more than the error (8, sources 5); chosen
    knee_deg: float = 30.0  # smallest change of a leg that straightens; chosen
    # and ends at least so straight; half of healthy adults stop within 20, sources 4; chosen
    straight_deg: float = 50.0
    toes_deg: float = 5.0  # toes pulled up while the knee is held straight: feet at rest rise so once a minute; chosen
    simultaneous_s: float = 0.5  # a movement within this of a slump or a return belongs to it; chosen
    min_stage_s: float = 0.3  # a shorter tall sitting at the start is no stage; chosen
    min_final_stage_s: float = 1.0  # nor is a shorter one at the end; chosen


LIMITS = SlumpLimits()


@dataclass(frozen=True)
class StageSpan:
    """One stage: it begins with a movement, which ends at `movement_end_s`, and lasts until the next one begins."""

    name: SlumpStage
    start_s: float
    movement_end_s: float
    end_s: float
    side: BodySide | None = None
