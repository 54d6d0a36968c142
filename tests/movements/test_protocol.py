"""Descriptions of the built-in movements are complete and consistent."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from analyzer.movements import registry
from analyzer.movements.protocol import Events, Movement, MovementInfo, RepPhases
from analyzer.movements.registry import find_variant_problem, load_movements
from analyzer.results.schema import Hold
from analyzer.vocabulary.angles import ANGLE_DISPLAYS

ROOT = Path(__file__).resolve().parents[2]
MOVEMENTS = sorted(load_movements().values(), key=lambda movement: movement.name)


class Bow(Movement):
    """A minimal movement."""

    name = "bow"
    title = "Bow"
    main_angle = "trunk_inclination_deg"

    def recognise(self, motion):
        return 0.0

    def find_events(self, motion, details):
        return Events()


def test_everything_but_three_attributes_and_two_methods_has_a_default():
    info = Bow().describe()
    assert (info.name, info.event_kind, info.phases, info.variants) == ("bow", "reps", RepPhases(), [])
    assert info.comfort_angles == ["trunk_inclination_deg"]
    assert not (info.tracks_load or info.asks_screening_first or info.better or info.stage_titles or info.contrasts)
    assert info.can_be_loaded and info.direction is None
    assert Bow().compute_measures(None, None, Events()) == {}
    assert Bow().list_observations(None, Events(), {}) == Bow().list_comparable_measures(None) == []


def test_the_variants_of_a_movement_decide_which_are_possible(monkeypatch):
    """Those of an installed movement too; without a known movement, the variants of any."""
    deep = Bow()
    deep.variants = ("deep", "half_kneeling")
    monkeypatch.setattr(registry, "load_movements", lambda: {"bow": deep, **{one.name: one for one in MOVEMENTS}})
    assert find_variant_problem("bow", "deep") is None
    assert find_variant_problem("bow", "sumo") == "is not a variant of bow; choose deep, half_kneeling"
    assert find_variant_problem("slump", "deep") == "is not a variant of slump; the movement has none, so leave it out"
    assert find_variant_problem("slump", None) is find_variant_problem("auto", "deep") is None
    problem = find_variant_problem("auto", "blah")
    assert problem is not None and problem.startswith("is not a variant of any movement; choose back, bodyweight, ")


@pytest.mark.parametrize("method", ["recognise", "find_events"])
def test_methods_without_a_default_are_required(method):
    with pytest.raises(TypeError, match=method):
        type("Half", (Bow,), {method: getattr(Movement, method)})()


@pytest.mark.parametrize("movement", MOVEMENTS, ids=lambda movement: movement.name)
def test_description_round_trips_through_json_and_is_consistent(movement):
    info = movement.describe()
    assert MovementInfo.model_validate_json(info.model_dump_json()) == info
    assert info.title[:1].isupper()
    assert info.instructions.endswith(".")
    assert set(info.variants) >= {*info.unloaded_variants, *info.wide_stance_variants}
    assert set(info.stage_titles) >= {*info.correctable_stages, *info.baseline_stages, *info.release_stages}
    assert {info.main_angle, *info.comfort_angles} <= ANGLE_DISPLAYS.keys()
    assert set(info.contrasts) <= load_movements().keys()


@pytest.mark.parametrize("movement", MOVEMENTS, ids=lambda movement: movement.name)
def test_progress_uses_only_compared_measures(movement):
    hold = Hold(index=1, start_s=0, end_s=9, duration_s=9, in_zone_s=5)
    facts = SimpleNamespace(variant=None)
    result = SimpleNamespace(reps=[], holds=[hold], stages=[], measures={}, movement=facts)
    assert set(movement.better) <= {measure.key for measure in movement.list_comparable_measures(result)}


def test_movement_names_appear_only_in_the_movements_package():
    """Quoted names of movements appear in `analyzer/movements` only, alone or before the dot of a measure."""
    quoted = {f"{quote}{name}{end}" for name in load_movements() for quote in "\"'" for end in (quote, ".")}
    violations = []
    for package in ("analyzer", "api"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "movements" in path.parts:
                continue
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                shown = ("examples=", "AnalysisRequest(", "help=", '{"movement":', ">>>")
                example = any(part in line for part in shown)
                if not example and any(one in line for one in quoted):
                    violations.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert violations == []
