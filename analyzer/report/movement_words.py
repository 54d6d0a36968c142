"""What the movement of a result calls its parts; also of movements that are not installed here."""

from dataclasses import dataclass

from analyzer.movements.registry import load_movements
from analyzer.results.schema import UNKNOWN_MOVEMENT
from analyzer.vocabulary.angles import ANGLE_DISPLAYS
from analyzer.vocabulary.measures import NO_LABELS, MeasureLabel
from analyzer.vocabulary.terms import format_name, format_stage_title

_FALLBACK_MAIN_ANGLE = "trunk_thigh_deg"  # of a movement that is not installed here, or shows best in no column of ours
_TURNS = {"overhead": "arms highest", "standing_extension": "furthest back", "sit_to_stand": "seat left"}
_TOPS = {"overhead": "arms lowest", "standing_extension": "upright", "sit_to_stand": "standing"}
_DIRECTIONS = {"overhead": ("up", "down"), "standing_extension": ("back", "up")}


@dataclass(frozen=True)
class MovementWords:
    """Words of one movement.

    Attributes
    ----------
    title : as a person reads it, with a capital; "Your clip" for a clip that shows no known movement.
    main_angle : the column of `angles.csv` that shows the movement best.
    top, turn : the two ends of a rep, such as "top" and "bottom".
    outward, back : the ways from the top to the turn and back, such as "down" and "up".
    stage_titles : titles of its stages.
    measure_labels : words of its own measures.
    """

    title: str
    main_angle: str
    top: str
    turn: str
    outward: str
    back: str
    stage_titles: dict[str, str]
    measure_labels: dict[str, MeasureLabel]

    def format_stage(self, name: str, side: str | None) -> str:
        """Return a stage as a person reads it: "Knee straight, near leg"."""
        return format_stage_title(name, side, self.stage_titles)


def get_movement_words(name: str) -> MovementWords:
    """Return the words of a movement, by its name in a result."""
    movement = load_movements().get(name)
    title = movement.title if movement else "Your clip" if name == UNKNOWN_MOVEMENT else format_name(name)
    known_angle = movement is not None and movement.main_angle in ANGLE_DISPLAYS
    outward, back = _DIRECTIONS.get(name, ("down", "up"))
    return MovementWords(
        title=title[:1].upper() + title[1:],
        main_angle=movement.main_angle if movement and known_angle else _FALLBACK_MAIN_ANGLE,
        top=_TOPS.get(name, "top"),
        turn=_TURNS.get(name, "bottom"),
        outward=outward,
        back=back,
        stage_titles={},
        measure_labels=dict(NO_LABELS),
    )
