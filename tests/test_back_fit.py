"""The fit of the back line on people made by hand, whose outlines follow bend and posture by a rule."""

from types import SimpleNamespace

import numpy as np
import pytest

from analyzer.kinematics.back_features import BACK_FEATURES, BEND_INDICATORS, POSTURE_COVARIATES
from analyzer.kinematics.back_rounding_model import BASELINE_KINDS, BackRoundingModel
from benchmarks.back.fit import _fit_without_interval
from benchmarks.back.scenarios import HELD_SEED, make_scenario

RNG = np.random.default_rng(0)
OF_BEND = RNG.normal(0, 1, len(BEND_INDICATORS))  # for each 30 degrees
OF_POSTURE = RNG.normal(0, 1, (len(POSTURE_COVARIATES), len(BEND_INDICATORS)))


def person(bend_deg: float, kind: str, rng: np.random.Generator) -> SimpleNamespace:
    course = np.linspace(0, 1, 30)[:, None]
    posture = course * rng.uniform(0, 1, len(POSTURE_COVARIATES))
    shows = course * bend_deg / 30 * OF_BEND + posture @ OF_POSTURE + rng.normal(0, 0.05, (30, len(BEND_INDICATORS)))
    return SimpleNamespace(features=np.hstack([shows, posture]), bend_deg=bend_deg * course[:, 0], kind=kind)


@pytest.fixture(scope="module")
def model() -> BackRoundingModel:
    rng = np.random.default_rng(1)
    return _fit_without_interval([person(rng.uniform(-20, 70), BASELINE_KINDS[k % 3], rng) for k in range(90)])


@pytest.mark.parametrize("kind", BASELINE_KINDS)
@pytest.mark.parametrize("bend_deg", [-15.0, 0.0, 30.0, 60.0])
def test_bend_of_people_left_out_of_the_fit_is_unbiased(model, kind, bend_deg):
    rng = np.random.default_rng(2)
    unseen = [person(bend_deg, kind, rng) for _ in range(40)]
    everything = np.zeros((30, len(BEND_INDICATORS)))
    bend = np.mean([model.estimate_bend(one.features, kind, everything)[0][-1] for one in unseen])
    assert len(model.weights(kind)) == len(BACK_FEATURES)
    assert bend == pytest.approx(bend_deg, abs=1.5)


def test_the_same_seed_is_the_same_person_and_held_out_seeds_are_others():
    assert make_scenario(7) == make_scenario(7)
    assert make_scenario(7)[1]["body"] != make_scenario(8)[1]["body"] != make_scenario(HELD_SEED)[1]["body"]
