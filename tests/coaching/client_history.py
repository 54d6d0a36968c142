"""Finished clips of one client, made by hand: what was reported, how far it stayed comfortable, what was said."""

from datetime import UTC, datetime

from analyzer.coaching.comfort_over_time import FilmedClip
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

    `lights`: of its reports. `comfortable`: rows by angle. `screen`: (state, tier). `next`: (id, try) of the first
    finding to work on. `can`: ids.
    """
    measures = {}
    if lights:
        level = {"go": 1, "modify": 4, "stop": 7}
        measures["reported"] = [{"rep": 1, "level": level[light], "light": light} for light in lights]
        measures["comfortable_range"] = {"angles": comfortable or {}, "not_comfortable": list(not_comfortable)}
    if screen:
        measures["screen"] = {"state": screen[0], "tier": screen[1]}
    said = [Finding(id=id, kind="can", text="You can.") for id in can]
    if next:
        said.append(Finding(id=next[0], kind="next", text=f"Said of {next[0]}.", try_=next[1]))
    analysis = result(*reps, measures=measures, **given).model_copy(update={"findings": said, "holds": list(holds)})
    return FilmedClip(f"clip-{day}-{hour}", at(day, hour), analysis)
