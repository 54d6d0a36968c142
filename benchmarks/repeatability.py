"""Check the statistics of `analyzer repeatability` by simulation: MDC recovered, false changes.

python -m benchmarks.repeatability [--people 10 15 30 60] [--studies 2000] [--seed 7]

In each simulated study, people are filmed twice. The value of a clip is the mean of three to eight reps: the person's
own level, an error of the clip (camera and landmarks, 2.5 degrees) and an error of each rep (3 degrees). The errors are
normal, or heavy-tailed (Student's t with 5 degrees of freedom) with the same SD. The study gives a table as the command
does; new pairs of clips of people who have not changed are then compared by `compare_means` with this table.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.movements.minimal_detectable_change import MdcTable, OwnMdc, compare_means
from analyzer.repeatability.statistics import Z95, WithinPersonSd, estimate_rep_spread, estimate_within_person_sd

CLIP_SD_DEG, REP_SD_DEG, PERSON_SD_DEG = 2.5, 3.0, 12.0  # sources 5: set-up error, rep spread; people differ; chosen
REPS = (3, 8)  # fewest and most of a clip; chosen
COMPARED_PAIRS = 50  # unchanged people that are compared with each study's table; chosen

FloatArray = NDArray[np.float64]
DrawErrors = Callable[[int], FloatArray]
"""Number of errors -> errors with mean 0 and SD 1."""


@dataclass(frozen=True)
class StudyResult:
    """One simulated study: its estimate, and how many unchanged people were called changed."""

    within: WithinPersonSd
    by_mdc95: int
    by_least_change: int
    by_table: int


@dataclass(frozen=True)
class SimulationSummary:
    """Outcome over all studies; shares are of 1.

    Attributes
    ----------
    mean_ratio, median_ratio : MDC95 of a study over the true one.
    ratio_90 : the range in which 90 % of the studies lie.
    within_10 : share of the studies within 10 % of the true MDC95.
    coverage : share of the studies whose 95 % interval contains it.
    false_mdc95, false_least_change, false_table : share of unchanged people called changed by MDC95, by `least_change`
        and by `compare_means` with the table, which also allows for fewer reps.
    """

    mean_ratio: float
    median_ratio: float
    ratio_90: tuple[float, float]
    within_10: float
    coverage: float
    false_mdc95: float
    false_least_change: float
    false_table: float


def make_error_draw(kind: str, rng: np.random.Generator) -> DrawErrors:
    """Return a source of normal or heavy-tailed errors."""
    if kind == "normal":
        return lambda count: rng.standard_normal(count)
    return lambda count: rng.standard_t(5, count) / np.sqrt(5 / 3)


def draw_clip(person_deg: float, draw: DrawErrors, rng: np.random.Generator) -> FloatArray:
    """Draw the values of the reps of one clip, degrees."""
    reps = int(rng.integers(REPS[0], REPS[1] + 1))
    clip_deg = person_deg + CLIP_SD_DEG * float(draw(1)[0])
    return clip_deg + REP_SD_DEG * draw(reps)


def compute_true_mdc95() -> float:
    """Return the MDC95 of the simulated errors, degrees: the mean error variance over the numbers of reps."""
    inverse = np.mean([1 / reps for reps in range(REPS[0], REPS[1] + 1)])
    return Z95 * float(np.sqrt(2 * (CLIP_SD_DEG**2 + REP_SD_DEG**2 * inverse)))


def simulate_study(people: int, draw: DrawErrors, rng: np.random.Generator) -> StudyResult:
    """Simulate one study and the comparison of new pairs with its table."""
    pairs = [_draw_pair(draw, rng) for _ in range(people)]
    within = estimate_within_person_sd([[float(clip.mean()) for clip in pair] for pair in pairs])
    spread = estimate_rep_spread([list(clip) for pair in pairs for clip in pair])
    assert spread is not None
    own = OwnMdc(within.least_change, "refilmed", f"your own {people} pairs", spread.sd, spread.reps)
    table = MdcTable({"hinge.fold": own})
    new = [_draw_pair(draw, rng) for _ in range(COMPARED_PAIRS)]
    differences = np.array([abs(float(a.mean() - b.mean())) for a, b in new])
    compared = [compare_means(a, b, "trunk_thigh", "refilmed", key="hinge.fold", own_mdc=table) for a, b in new]
    return StudyResult(
        within,
        by_mdc95=int((differences > within.mdc95).sum()),
        by_least_change=int((differences > within.least_change).sum()),
        by_table=sum(change is not None and change.is_clear for change in compared),
    )


def summarize_studies(studies: Sequence[StudyResult]) -> SimulationSummary:
    """Summarise studies against the true MDC95."""
    true = compute_true_mdc95()
    ratios = np.array([study.within.mdc95 / true for study in studies])
    intervals = np.array([study.within.mdc95_interval_95 for study in studies])
    low, high = np.quantile(ratios, (0.05, 0.95))
    compared = len(studies) * COMPARED_PAIRS
    return SimulationSummary(
        mean_ratio=float(ratios.mean()),
        median_ratio=float(np.median(ratios)),
        ratio_90=(float(low), float(high)),
        within_10=float((abs(ratios - 1) <= 0.1).mean()),
        coverage=float(((intervals[:, 0] <= true) & (true <= intervals[:, 1])).mean()),
        false_mdc95=sum(study.by_mdc95 for study in studies) / compared,
        false_least_change=sum(study.by_least_change for study in studies) / compared,
        false_table=sum(study.by_table for study in studies) / compared,
    )


def simulate(kind: str, people: int, studies: int, seed: int) -> SimulationSummary:
    """Simulate studies with `kind` of errors, "normal" or "heavy"."""
    rng = np.random.default_rng(seed)
    draw = make_error_draw(kind, rng)
    return summarize_studies([simulate_study(people, draw, rng) for _ in range(studies)])


def main() -> None:
    """Print one table row for each kind of error and number of people."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[10, 15, 30, 60])
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    print(f"true MDC95 {compute_true_mdc95():.2f} degrees; {arguments.studies} studies a row")
    print("| errors | pairs | mean | median | 90 % of studies | within 10 % | coverage | MDC95 | t | compare |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for kind in ("normal", "heavy"):
        for people in arguments.people:
            row = simulate(kind, people, arguments.studies, arguments.seed)
            low, high = row.ratio_90
            print(
                f"| {kind} | {people} | {row.mean_ratio:.3f} | {row.median_ratio:.3f} | {low:.2f} to {high:.2f} "
                f"| {100 * row.within_10:.0f} % | {100 * row.coverage:.0f} % | {100 * row.false_mdc95:.1f} % "
                f"| {100 * row.false_least_change:.1f} % | {100 * row.false_table:.1f} % |"
            )


def _draw_pair(draw: DrawErrors, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    person_deg = 90 + PERSON_SD_DEG * float(rng.standard_normal())
    return draw_clip(person_deg, draw, rng), draw_clip(person_deg, draw, rng)


if __name__ == "__main__":
    main()
