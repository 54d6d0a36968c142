"""Repeatability over an owner's repeats, and the minimal detectable changes that comparisons use."""

from collections import defaultdict
from collections.abc import Sequence

from analyzer.movements.minimal_detectable_change import MdcTable, RepeatSetting
from analyzer.repeatability.build import build_repeatability
from analyzer.repeatability.repeats import FoundRepeats, RepeatClip, find_repeats
from analyzer.repeatability.schema import Repeatability
from api.analyses.result_reader import ResultCache, ResultRef, load_result
from api.db import analyses, clients, clips
from api.db.models import AnalysisRow, ClipRow
from api.dependencies import Services
from api.responses.problem_details import Problem
from api.serializers.analyses import get_filmed_at

_repeatability = ResultCache(50)  # chosen


def measure_owner_repeatability(services: Services, owner_id: str, setting: RepeatSetting) -> Repeatability:
    """Compute the repeatability of an owner's finished repeats; cached until they change."""
    with services.database.read_session() as session:
        rows = analyses.list_repeats(session, owner_id)
        by_id = clips.get_many(session, [row.clip_id for row in rows])
        names = clients.get_names(session, [row.client_id for row in rows if row.client_id is not None])
    question = (owner_id, setting, tuple((row.id, row.run, row.client_id, row.repeat_of) for row in rows))
    return _repeatability.get(
        question, lambda: build_repeatability(_find_repeats(services, rows, by_id, names, setting), setting)
    )


def find_own_mdc(services: Services, owner_id: str) -> MdcTable:
    """Return the minimal detectable changes of an owner's own repeats, else those of the file of the settings."""
    own = measure_owner_repeatability(services, owner_id, "refilmed").to_mdc_table()
    return MdcTable({**services.own_mdc.measures, **own.measures}) if own.measures else services.own_mdc


def _find_repeats(
    services: Services,
    rows: Sequence[AnalysisRow],
    by_id: dict[str, ClipRow],
    names: dict[str, str],
    setting: RepeatSetting,
) -> FoundRepeats:
    """Group each clip with its repeats; clips that only happen to be alike are no repeats here."""
    by_first: dict[str, list[RepeatClip]] = defaultdict(list)
    left_out: list[str] = []
    for row in sorted(rows, key=lambda row: get_filmed_at(row, by_id[row.clip_id])):
        clip, first = by_id[row.clip_id], row.repeat_of or row.id
        day = get_filmed_at(row, clip).date().isoformat()
        try:
            analysis = load_result(services, ResultRef(row.id, row.run or "", clip.name, day))
        except Problem as problem:
            left_out.append(f"{row.id}: {problem.detail}")
            continue
        person = names.get(row.client_id, row.client_id) if row.client_id is not None else first
        by_first[first].append(RepeatClip(row.id, person, day, analysis))
    repeats = [find_repeats(clips_of_first, setting) for clips_of_first in by_first.values()]
    groups = [group for found in repeats for group in found.groups]
    return FoundRepeats(groups, [*left_out, *(line for found in repeats for line in found.left_out)])
