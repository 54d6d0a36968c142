"""What the movement of a result calls its parts; also of movements that are not installed here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analyzer.movements.protocol import RepPhases
from analyzer.movements.registry import load_movements
from analyzer.results.schema import UNKNOWN_MOVEMENT, Analysis
from analyzer.vocabulary.angles import ANGLE_DISPLAYS, CERTAIN_WITH
from analyzer.vocabulary.measures import NO_LABELS, MeasureLabel
from analyzer.vocabulary.terms import format_stage_title, format_title

_FALLBACK_MAIN_ANGLE = "trunk_thigh_deg"  # of a movement that is not installed, or shows best in another column
_TRUNK = "trunk_inclination_deg"


@dataclass(frozen=True)
class MovementWords:
    """Words of one movement.

    Attributes
    ----------
    title : as a person reads it; "Your clip" for a clip that shows no known movement.
    main_angle : the column of `angles.csv` that shows the movement best.
    phases : words for the parts of a rep.
    stage_titles : titles of its stages.
    measure_labels : words of its own measures.
    """

    title: str
    main_angle: str = _FALLBACK_MAIN_ANGLE
    phases: RepPhases = field(default_factory=RepPhases)
    stage_titles: Mapping[str, str] = field(default_factory=dict)
    measure_labels: Mapping[str, MeasureLabel] = field(default_factory=lambda: NO_LABELS)

    def format_stage(self, name: str, side: str | None) -> str:
        """Return a stage as a person reads it: "Knee straight, near leg"."""
        return format_stage_title(name, side, self.stage_titles)


def get_movement_words(name: str) -> MovementWords:
    """Return the words of a movement, by its name in a result."""
    movement = load_movements().get(name)
    if movement is None:
        return MovementWords("Your clip" if name == UNKNOWN_MOVEMENT else format_title(name))
    return MovementWords(
        title=movement.title[:1].upper() + movement.title[1:],
        main_angle=movement.main_angle if movement.main_angle in ANGLE_DISPLAYS else _FALLBACK_MAIN_ANGLE,
        phases=movement.phases,
        stage_titles=movement.stage_titles,
        measure_labels=movement.measure_labels,
    )


def select_main_angle(analysis: Analysis) -> str:
    """Return the column that shows the movement of a result best: the trunk where that one is left out."""
    main_angle, published = get_movement_words(analysis.movement.name).main_angle, analysis.quality.uncertainty_deg
    is_left_out = _TRUNK in published and CERTAIN_WITH.get(main_angle, _TRUNK) not in published
    return _TRUNK if is_left_out else main_angle
