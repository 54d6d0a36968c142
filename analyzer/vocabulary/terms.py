"""Words of the closed sets that a reader meets: view grades, body sides, postures, symptom reports, progress."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from analyzer.progress import ProgressStage

RoundingLevel = Literal["little", "some", "much"]


@dataclass(frozen=True)
class GradeText:
    """Words of one view grade.

    Attributes
    ----------
    title : as a heading, such as "Good view".
    label : in a narrow table, such as "good".
    sentence : what it means for the angles.
    """

    title: str
    label: str
    sentence: str


GRADE_TEXTS: Mapping[str, GradeText] = {
    "good": GradeText("Good view", "good", "Joints seen clearly: the angles are accurate to 5 degrees or better."),
    "fair": GradeText("Fair view", "fair", "Joints seen less clearly: the angles are accurate to 8 degrees or better."),
    "rough": GradeText(
        "Rough view",
        "rough",
        "Some joints hidden or blurred: angles may be left out, or accurate only to 12 degrees.",
    ),
    "refused": GradeText(
        "Shapes only, no angles",
        "no angles",
        "Angles would be uncertain by more than 12 degrees from here. The pictures show the shape.",
    ),
}
"""By `view.grade` of a result. The degrees are those of `analyzer.kinematics.camera_view.GRADES_DEG`."""

SIDE_TEXTS: Mapping[str, str] = {"near": "near leg", "far": "far leg", "left": "left leg", "right": "right leg"}

ROUNDING_LEVEL_TEXTS: Mapping[RoundingLevel, str] = {"little": "little", "some": "some", "much": "much"}
"""How much the back changed from the baseline posture, rounded or arched."""

ROUNDING_LIMITS_DEG: Mapping[RoundingLevel, float] = {"some": 8.0, "much": 20.0}
"""From the first a change is "some": a smaller one has no peak (`kinematics.back_rounding`). Beyond the second it is
"much"; chosen, on no clip."""

ROUNDING_COLOURS: Mapping[RoundingLevel, str] = {"little": "#009e73", "some": "#f0e442", "much": "#cc79a7"}
"""Green, yellow and purple of Okabe and Ito: distinct for colour-blind readers, and none is the load's orange."""

BASELINE_TEXTS: Mapping[str, str] = {
    "standing": "from your own tall stance",
    "sitting": "from your own tall seat",
    "lying": "from your own straight line",
    "flattest": "from the flattest frames: no tall stance was found",
}
"""What a change of the back is measured from, by the baseline posture."""

SHORT_BASELINE_TEXTS: Mapping[str, str] = {
    "standing": "from tall",
    "sitting": "from sitting tall",
    "lying": "from your own line",
    "flattest": "from your flattest moment",
}
"""The same in few words, for a finding."""

SYMPTOM_SITE_TEXTS: Mapping[str, str] = {
    "back": "back",
    "buttock": "buttock",
    "thigh": "thigh",
    "below_knee": "below the knee",
    "none": "nowhere",
}
SENSATION_TEXTS: Mapping[str, str] = {
    "stretch": "a stretch",
    "ache": "an ache",
    "sharp": "sharp",
    "pins_and_needles": "pins and needles",
    "my_usual": "the usual",
}
RELEASE_TEXTS: Mapping[str, str] = {
    "less": "less when let go",
    "same": "the same when let go",
    "more": "more when let go",
}
TRAFFIC_LIGHT_TEXTS: Mapping[str, str] = {
    "go": "Go",
    "modify": "A notch easier",
    "stop": "Leave it for now",
    "none": "Not asked yet",
}
"""What the last symptom reports of a movement mean for training it, by `light`; "none" without any."""

PROGRESS_STAGE_TEXTS: Mapping[ProgressStage, str] = {
    "getting the model": "Getting ready",
    "finding the person": "Finding the person",
    "tracking": "Following the body",
    "video": "Drawing the lines over the video",
    "writing the report": "Writing the report",
    "side by side": "Drawing the clips side by side",
}
UNKNOWN_MOVEMENT_TEXT = "Movement not recognised"


def format_level(level: int) -> str:
    """Return a symptom level as text: "4 of 10"."""
    return f"{level} of 10"


def format_side(side: str) -> str:
    """Return a side of the body as text: "near leg"; another name as it is."""
    return SIDE_TEXTS.get(side, side)


def format_name(name: str) -> str:
    """Return a name without words of its own as text: "trap_bar" as "trap bar"."""
    return name.replace("_", " ").strip()


def format_title(name: str) -> str:
    """Return a name without words of its own as a title: "knee_straight" as "Knee straight"."""
    return format_name(name).capitalize()


def format_count(count: int, singular: str, plural: str | None = None) -> str:
    """Return a count with its noun: "1 rep", "3 reps"."""
    return f"{count} {singular if count == 1 else plural or f'{singular}s'}"


def format_stage_title(name: str, side: str | None, titles: Mapping[str, str]) -> str:
    """Return a stage as a person reads it: "Knee straight, near leg".

    Parameters
    ----------
    name, side : of the stage; side None where it has none.
    titles : those of the movement (`Movement.stage_titles`); another name is read as words.
    """
    title = titles.get(name) or format_title(name)
    return f"{title}, {format_side(side)}" if side else title
