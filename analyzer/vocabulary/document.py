"""The vocabulary as one JSON document, for pages and other programs (`GET /v1/vocabulary`)."""

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from analyzer.vocabulary import terms
from analyzer.vocabulary.angles import ANGLE_DISPLAYS, Dash
from analyzer.vocabulary.measures import MEASURE_LABELS, MeasureLabel, get_measure_unit
from analyzer.vocabulary.units import MINUS_SIGN, NO_VALUE, UNITS, UnitKey


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class AngleWords(_Part):
    """One angle; `dash` and `colour` are its line in every chart."""

    title: str = Field(examples=["Trunk inclination"])
    label: str = Field(description="short name", examples=["trunk"])
    meaning: str = Field(description="zero and positive direction", examples=["upright is 0, leaning forward is +"])
    unit: UnitKey
    colour: str = Field(examples=["#0072B2"])
    dash: Dash


class UnitWords(_Part):
    """How a number of one unit is written: times `factor`, rounded to `decimals`, then the symbol."""

    symbol: str = Field(examples=["°"])
    words: str = Field(description="in place of the symbol in a sentence", examples=["degrees"])
    decimals: int
    has_space: bool = Field(description="whether a no-break space stands before the symbol")
    keeps_zeros: bool = Field(description="whether trailing zeros of the decimals are written")
    factor: float = Field(description="the number is multiplied by it first")


class GradeWords(_Part):
    """One view grade."""

    title: str = Field(examples=["Good view"])
    label: str = Field(description="for a narrow place", examples=["good"])
    sentence: str = Field(description="what it means for the angles")


class SymptomWords(_Part):
    """Words of a symptom report, by the values of the marks file."""

    sites: dict[str, str] = Field(description="by `where`")
    sensations: dict[str, str] = Field(description="by `word`")
    releases: dict[str, str] = Field(description="by `on_release`")


class Vocabulary(_Part):
    """Words and units of everything that results hold; those of one movement are in `GET /v1/movements`."""

    angles: dict[str, AngleWords] = Field(description="by the column of `angles.csv`")
    measures: dict[str, MeasureLabel] = Field(
        description="shared by movements, by the key in `measures` and `evidence`"
    )
    units: dict[UnitKey, UnitWords] = Field(description="by the ending of a measure's key")
    grades: dict[str, GradeWords] = Field(description="by `view.grade`")
    sides: dict[str, str] = Field(description="by `side` of a stage or report")
    rounding_levels: dict[terms.RoundingLevel, str] = Field(description="by the class of a change of the back")
    rounding_limits_deg: dict[terms.RoundingLevel, float] = Field(
        description="size of a change of the back from which it is `some`, and beyond which it is `much`"
    )
    rounding_colours: dict[terms.RoundingLevel, str] = Field(description="`#rrggbb` of the line of the back")
    baselines: dict[str, str] = Field(description="by the posture that a change of the back is measured from")
    symptoms: SymptomWords
    lights: dict[str, str] = Field(
        description="by `light` of a symptom report or training option; `none` where nothing was reported"
    )
    progress_stages: dict[str, str] = Field(description="by `progress.stage` of an analysis")
    minus_sign: str = Field(description="stands before numbers below 0")
    no_value: str = Field(description="stands where a value is unknown")


@cache
def build_vocabulary() -> Vocabulary:
    """Return the whole vocabulary."""
    return Vocabulary(
        angles={key: AngleWords.model_validate(angle) for key, angle in ANGLE_DISPLAYS.items()},
        measures={
            key: MeasureLabel(label=measure.label, unit=get_measure_unit(key))
            for key, measure in MEASURE_LABELS.items()
        },
        units={key: UnitWords.model_validate(unit) for key, unit in UNITS.items()},
        grades={key: GradeWords.model_validate(grade) for key, grade in terms.GRADE_TEXTS.items()},
        sides=dict(terms.SIDE_TEXTS),
        rounding_levels=dict(terms.ROUNDING_LEVEL_TEXTS),
        rounding_limits_deg=dict(terms.ROUNDING_LIMITS_DEG),
        rounding_colours=dict(terms.ROUNDING_COLOURS),
        baselines=dict(terms.BASELINE_TEXTS),
        symptoms=SymptomWords(
            sites=dict(terms.SYMPTOM_SITE_TEXTS),
            sensations=dict(terms.SENSATION_TEXTS),
            releases=dict(terms.RELEASE_TEXTS),
        ),
        lights=dict(terms.TRAFFIC_LIGHT_TEXTS),
        progress_stages={str(stage): text for stage, text in terms.PROGRESS_STAGE_TEXTS.items()},
        minus_sign=MINUS_SIGN,
        no_value=NO_VALUE,
    )
