"""Hand-made results of one client: symptom reports, comfortable range and findings."""

from datetime import UTC, datetime

from analyzer.coaching.comfort_over_time import FilmedClip
from analyzer.coaching.trainable_menu import find_step
from analyzer.results.schema import Finding
from tests.compare.results import result


def at(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def make_comfort_row(from_tall_deg, share_pct=100.0, *, side=None, where=None, deepest_deg=None):
    """One row of `comfortable_range`, as `analyzer.coaching.symptom_reports` writes it."""
    deepest_deg = from_tall_deg if deepest_deg is None else deepest_deg
    return {"side": side, "deepest_deg": deepest_deg, "from_tall_deg": from_tall_deg, "share_pct": share_pct,
            "where": where or {"rep": 1, "time_s": 2.0}}  # fmt: skip


def make_filmed_clip(
    day,
    *reps,
    lights=(),
    comfortable=None,
    not_comfortable=(),
    screen=None,
    next=None,
    can=(),
    hour=10,
    holds=(),
    **given,
):
    """A clip of that day in March.

    `lights`: of its reports. `comfortable`: rows by angle. `screen`: (state, tier). `next`: (id, step_id) of the
    first finding to work on. `can`: ids.
    """
    measures = {}
    if lights:
        level = {"go": 1, "modify": 4, "stop": 7}
        measures["reported"] = [{"rep": 1, "level": level[light], "light": light} for light in lights]
        measures["comfortable_range"] = {
            "threshold": 2, "baseline_level": None, "comfortable": [], "not_comfortable": list(not_comfortable),
            "angles": comfortable or {},
        }  # fmt: skip
    if screen:
        measures["screen"] = {"state": screen[0], "tier": screen[1], "intro": "", "note": "", "questions": []}
    findings = [Finding(id=id, kind="can", text="You can.") for id in can]
    if next:
        step_id = next[1]
        known = step_id and find_step(step_id)
        say = known[1].say if known else "A step that the menu does not have." if step_id else None
        findings.append(Finding(id=next[0], kind="next", text=f"Said of {next[0]}.", try_=say, step_id=step_id))
    analysis = result(*reps, measures=measures, **given).model_copy(update={"findings": findings, "holds": list(holds)})
    return FilmedClip(f"clip-{day}-{hour}", at(day, hour), analysis)
