"""The file `repeatability.json`: the measurement error of each measure, by movement."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from analyzer.errors import AnalyzerError
from analyzer.movements.minimal_detectable_change import MdcTable, OwnMdc, RepeatSetting
from analyzer.strict_model import StrictModel

REPEATABILITY_SCHEMA_VERSION: Literal["1.0"] = "1.0"

MIN_DEGREES_OF_FREEDOM = 10
"""Repeats (clips minus people) from which a measure's MDC is used: the 95 % interval of the SD then reaches from 0.70
to 1.75 times its estimate; chosen."""

MIN_PEOPLE = 5
"""People from whom the repeats are at least, so that they stand for more than one client; chosen."""

Interval95 = tuple[float, float]


class RepeatabilityError(AnalyzerError):
    """Repeats that give no statistics, or a file that cannot be read; the text says why and what to do."""


class Agreement(StrictModel):
    """Bland-Altman statistics of the first two clips of each person, second minus first."""

    n: int = Field(description="pairs")
    bias: float = Field(description="mean difference")
    bias_interval_95: Interval95
    sd: float = Field(description="SD of the differences")
    lower: float = Field(description="lower limit of agreement, bias - 1.96 SD")
    lower_interval_95: Interval95
    upper: float = Field(description="upper limit of agreement, bias + 1.96 SD")
    upper_interval_95: Interval95


class RepeatedValue(StrictModel):
    """The values of one person, in the order of the clips."""

    client: str
    files: list[str]
    values: list[float]


class MeasureRepeatability(StrictModel):
    """The measurement error of one measure."""

    key: str = Field(examples=["hinge.fold"])
    label: str
    unit: str
    is_key: bool = Field(description="one of the movement's key measures; otherwise one by which clips are compared")
    people: int
    clips: int
    degrees_of_freedom: int = Field(description="clips minus groups of repeats; for pairs, their number")
    within_person_sd: float = Field(description="SD of one clip's value within a person, one-way ANOVA")
    within_person_sd_interval_95: Interval95 = Field(description="chi-square")
    sem: float = Field(description="standard error of measurement: equal to within_person_sd, as a clip is one value")
    mdc95: float = Field(description="minimal detectable change, 1.96 * sqrt(2) * SEM")
    mdc95_interval_95: Interval95
    least_change: float = Field(
        description="difference that counts when two clips are compared, t * sqrt(2) * SEM: as few repeats leave the "
        "SEM uncertain, it is more than mdc95"
    )
    is_used: bool = Field(description="whether there are enough repeats for comparisons to use least_change")
    rep_sd: float | None = Field(description="SD from rep to rep within a clip; null where a clip gives one value")
    reps_per_clip: float | None = Field(description="harmonic mean")
    max_yaw_deg: float = Field(description="largest camera yaw of the clips")
    agreement: Agreement | None = Field(description="null for fewer than two people")
    groups: list[RepeatedValue]


class MovementRepeatability(StrictModel):
    """All measures of one movement, the key measures first."""

    movement: str
    title: str
    people: int
    clips: int
    measures: list[MeasureRepeatability]


class Repeatability(StrictModel):
    """Everything `repeatability.json` holds."""

    schema_version: Literal["1.0"] = REPEATABILITY_SCHEMA_VERSION
    setting: RepeatSetting = Field(description="whether the repeats were filmed on one day or on different days")
    min_degrees_of_freedom: int = Field(default=MIN_DEGREES_OF_FREEDOM, description="repeats from which it is used")
    min_people: int = MIN_PEOPLE
    movements: list[MovementRepeatability]
    left_out: list[str] = Field(description="clips that are no repeats, with the reason")
    analyzer: str = Field(description="version")

    def to_mdc_table(self) -> MdcTable:
        """Return the thresholds of the measures with enough repeats."""
        return MdcTable(
            {
                measure.key: OwnMdc(
                    least_change=measure.least_change,
                    setting=self.setting,
                    source=f"your own {describe_repeats(measure)}",
                    rep_sd=measure.rep_sd,
                    reps=measure.reps_per_clip or 0.0,
                    yaw_deg=measure.max_yaw_deg,
                )
                for movement in self.movements
                for measure in movement.measures
                if measure.is_used
            }
        )


def describe_repeats(measure: MeasureRepeatability) -> str:
    """Return what a measure's error is from: "18 pairs", or "40 clips of 18 people" where some did it more often."""
    if all(len(group.values) == 2 for group in measure.groups):
        return f"{len(measure.groups)} pairs" if len(measure.groups) != 1 else "1 pair"
    return f"{measure.clips} clips of {measure.people} {'person' if measure.people == 1 else 'people'}"


def read_mdc_table(path: Path) -> MdcTable:
    """Read the thresholds of `repeatability.json`.

    Raises
    ------
    RepeatabilityError : the file cannot be read, is of another kind, or has too few repeats of every measure.
    """
    try:
        repeatability = Repeatability.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RepeatabilityError(f"{path}: cannot be read ({error.strerror}). Check the file's name.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise RepeatabilityError(
            f"{path}: is no repeatability.json of this version ({where}: {first['msg']}). "
            "Write it again: analyzer repeatability FOLDER"
        ) from None
    table = repeatability.to_mdc_table()
    if not table.measures:
        raise RepeatabilityError(
            f"{path}: has too few repeats. An MDC is used from {MIN_DEGREES_OF_FREEDOM} repeats of at least "
            f"{MIN_PEOPLE} people."
        )
    return table
