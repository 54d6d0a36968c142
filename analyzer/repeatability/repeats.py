"""Find repeats among clips: the same person, movement, variant and load, filmed again."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyzer.movements.minimal_detectable_change import RepeatSetting
from analyzer.results.schema import UNKNOWN_MOVEMENT, Analysis
from analyzer.vocabulary.terms import format_name


@dataclass(frozen=True)
class RepeatClip:
    """A clip that may be a repeat; `date` is its day as ISO 8601, None where unknown."""

    file: str
    client: str
    date: str | None
    analysis: Analysis

    @property
    def task(self) -> str:
        """Return variant and load in words, such as "romanian, 60 kg"; clips of one task are repeats."""
        load_kg = self.analysis.provenance.settings.get("load_kg")
        variant = self.analysis.movement.variant
        parts = [format_name(variant) if variant else "no variant"]
        return ", ".join([*parts, "no load given" if load_kg is None else f"{load_kg:g} kg"])


@dataclass(frozen=True)
class RepeatGroup:
    """Two or more clips of one person who did the same thing, in the order of their days."""

    client: str
    movement: str
    clips: Sequence[RepeatClip]


@dataclass(frozen=True)
class FoundRepeats:
    """Groups of repeats, and one line for each client's clips that are none."""

    groups: Sequence[RepeatGroup]
    left_out: Sequence[str]


def find_repeats(clips: Sequence[RepeatClip], setting: RepeatSetting, left_out: Sequence[str] = ()) -> FoundRepeats:
    """Group clips by client, movement, variant and load.

    Parameters
    ----------
    clips : those of one day in their order.
    setting : "refilmed" takes clips of one day together; "other_day" takes the first clip of each day.
    left_out : lines about clips that were left out before.
    """
    clips = sorted(clips, key=lambda clip: clip.date or "")
    left_out = [*left_out]
    by_movement: dict[tuple[str, str], list[RepeatClip]] = defaultdict(list)
    first_files: dict[str, str] = {}
    for clip in clips:
        movement, sha256 = clip.analysis.movement.name, clip.analysis.clip.sha256
        if sha256 in first_files:
            left_out.append(f"{clip.file}: is the same file as {first_files[sha256]}")
        elif movement == UNKNOWN_MOVEMENT:
            left_out.append(f"{clip.file}: its movement is unknown")
        else:
            by_movement[clip.client, movement].append(clip)
        first_files.setdefault(sha256, clip.file)
    groups: list[RepeatGroup] = []
    for (client, movement), known in sorted(by_movement.items()):
        tasks: dict[tuple[str, str | None], list[RepeatClip]] = defaultdict(list)
        for clip in known:
            tasks[clip.task, clip.date if setting == "refilmed" else None].append(clip)
        single: list[RepeatClip] = []
        for task in tasks.values():
            repeats = _select_repeats(task, setting)
            if len(repeats) > 1:
                groups.append(RepeatGroup(client, movement, repeats))
            else:
                single += task
        if single:
            left_out.append(_explain(client, movement, single, setting))
    return FoundRepeats(groups, left_out)


def _select_repeats(clips: Sequence[RepeatClip], setting: RepeatSetting) -> list[RepeatClip]:
    """Return all clips of a day, or the first clip of each known day."""
    if setting == "refilmed":
        return list(clips)
    first: dict[str, RepeatClip] = {}
    for clip in clips:
        if clip.date is not None:
            first.setdefault(clip.date, clip)
    return list(first.values())


def _explain(client: str, movement: str, single: Sequence[RepeatClip], setting: RepeatSetting) -> str:
    """Return why clips of one movement have no repeat."""
    files, what = ", ".join(clip.file for clip in single), format_name(movement)
    tasks = list(dict.fromkeys(clip.task for clip in single))
    if len(tasks) > 1:
        return f"{client}, {what}: {files}: differ in variant or load ({'; '.join(tasks)}); repeats have the same"
    if setting == "other_day" and any(clip.date is None for clip in single):
        return f"{client}, {what}: {files}: the day is not known"
    if len({clip.date for clip in single}) > 1:
        return f"{client}, {what}: {files}: filmed on different days, which the setting other-day is for"
    if setting == "other_day":
        return f"{client}, {what}: {files}: filmed on one day only, which the setting re-filmed is for"
    return f"{client}, {what}: {files}: filmed once"


def iterate_by_movement(groups: Sequence[RepeatGroup]) -> Iterator[tuple[str, Sequence[RepeatGroup]]]:
    """Yield each movement with its groups, by name."""
    by_movement: Mapping[str, list[RepeatGroup]] = defaultdict(list)
    for group in groups:
        by_movement[group.movement].append(group)
    yield from sorted(by_movement.items())
