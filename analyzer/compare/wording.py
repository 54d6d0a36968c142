"""Words for a pair: which sentence of the catalogue says which change."""

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from analyzer.coaching.catalogue import Catalogue, load_catalogue
from analyzer.compare.pairing import OrderedPair, both_allow_angles, get_load_kg, shows_opposite_sides
from analyzer.compare.schema import ComparisonSentence, Row
from analyzer.compare.side import ComparisonSide
from analyzer.vocabulary.measures import format_measure_name
from analyzer.vocabulary.terms import format_name
from analyzer.vocabulary.units import format_in_words

_MAX_IMPROVEMENTS, _MAX_OTHER_CHANGES = 3, 2  # how many changes are said at most; the table has them all; chosen
_OWN_RANGE_DEG = 20.0  # a toe touch that rounds less is no range to go by: its 80 % interval is as wide; chosen
PERCENT_OF = "leg length"
"""What a compared percentage is a part of."""


class PairWording:
    """Sentences of one pair.

    A change is said by the first table there is of `compare.<story>_<key>_<way>`,
    `compare.<story>_<movement>_<family>_<way>`, `compare.<story>_<family>_<way>`, `compare.<story>_any`,
    `compare.<key>_<way>` and `compare.<family>_<way>`, where way is more or less and the dots of the key are
    underscores.
    """

    def __init__(self, plot: OrderedPair, before: str, after: str, cue: str | None) -> None:
        self.before, self.after = before, after
        self._plot, self._cue = plot, cue
        self._degrees = both_allow_angles(plot)
        own = [side.movement.catalogue_path for side in (plot.before, plot.after)]
        self._catalogue: Catalogue = load_catalogue(*dict.fromkeys(filter(None, own)))

    def title(self, key: str) -> str:
        """What a quantity is called: `compare.title_<key>`, else its key read as words."""
        id = f"compare.title_{key.replace('.', '_')}"
        if id in self._catalogue.entries:
            return self._catalogue.entries[id].say
        return format_measure_name(key.rpartition(".")[2])

    def told(self, rows: Sequence[Row]) -> list[ComparisonSentence]:
        """Say the clear changes, better ones first; without any, that nothing clearly changed."""
        said = [self._said(row) for row in rows if row.better][:_MAX_IMPROVEMENTS]
        said += [self._said(row) for row in rows if row.clear and not row.better][:_MAX_OTHER_CHANGES]
        told = [one for one in said if one is not None]
        if told:
            return told
        if any(row.clear for row in rows):
            return []
        return self._first(self._ids("same") if rows else ["compare.nothing"], self._facts())

    def notes(self) -> list[ComparisonSentence]:
        """Say why something is not compared, and what else differs."""
        ids = []
        if not self._degrees:
            ids.append("compare.note_shapes")
        if self._plot.story in ("stance", "variant", "load"):
            ids.append(f"compare.note_{self._plot.story}")
        loads = get_load_kg(self._plot.before), get_load_kg(self._plot.after)
        if self._plot.story != "load" and None not in loads and loads[0] != loads[1]:
            ids.append("compare.note_loads")
        if self._own_range_values():
            ids.append("compare.note_own_range")
        if self._cue is not None:
            ids.append("compare.note_cue")
        if shows_opposite_sides(self._plot.before, self._plot.after):
            ids.append("compare.note_sides")
        return [told for id in ids for told in self._first([id], self._facts() | self._own_range_values())]

    def _own_range_values(self) -> dict[str, Any]:
        """How much of the back's range in the first movement the second uses (sources 2.3); empty where unknown."""
        if self._plot.story != "dissociation" or not self._degrees:
            return {}
        range_deg, used_deg = (_mean_rounding_deg(side) for side in (self._plot.before, self._plot.after))
        if range_deg is None or used_deg is None or range_deg < _OWN_RANGE_DEG or used_deg < 0:
            return {}
        return {"rounding_deg": used_deg, "own_rounding_deg": range_deg, "own_range_pct": 100 * used_deg / range_deg}

    def _ids(self, what: str) -> list[str]:
        story, movement = self._plot.story, self._plot.after.movement.name
        return [f"compare.{story}_{movement}_{what}", f"compare.{story}_{what}", f"compare.{what}"]

    def _said(self, row: Row) -> ComparisonSentence | None:
        way = "more" if row.change > 0 else "less"
        story, key = self._plot.story, row.key.replace(".", "_")
        movement = self._plot.after.movement.name
        ids = [f"{story}_{key}_{way}", f"{story}_{movement}_{row.family}_{way}", f"{story}_{row.family}_{way}"]
        ids += [f"{story}_any", f"{key}_{way}", f"{row.family}_{way}"]
        told = self._first([f"compare.{id}" for id in ids], self._facts() | _numbers(row))
        return told[0] if told else None

    def _facts(self) -> dict[str, Any]:
        before, after = self._plot.before, self._plot.after
        return {
            "a": self.before,
            "b": self.after,
            "cue": self._cue,
            "load_before_kg": get_load_kg(before),
            "load_after_kg": get_load_kg(after),
            "variant_before": _plain(before.analysis.movement.variant),
            "variant_after": _plain(after.analysis.movement.variant),
        }

    def _first(self, ids: Sequence[str], evidence: dict[str, Any]) -> list[ComparisonSentence]:
        """The first of these sentences that the catalogue has and that can be filled in."""
        for id in ids:
            if id not in self._catalogue.entries:
                continue
            text = self._catalogue.sentence(id, evidence, degrees=self._degrees)
            if text is not None:
                return [ComparisonSentence(id=id, text=text, cue=self._catalogue.cue(id, evidence))]
        return []


def _mean_rounding_deg(side: ComparisonSide) -> float | None:
    values = [value for measure in side.quantities() if measure.family == "back" for value in measure.values]
    return fmean(values) if values else None


def _numbers(row: Row) -> dict[str, Any]:
    """The row's numbers under names with their unit; a share in percent."""
    by, unit = (100.0, "pct") if row.unit == "share" else (1.0, row.unit)
    change = by * abs(row.change)
    return {
        f"change_{unit}": change,
        f"before_{unit}": by * row.before,
        f"after_{unit}": by * row.after,
        f"least_{unit}": by * row.threshold,
        "amount": format_in_words(abs(row.change), row.unit, of=PERCENT_OF),
        "title": row.title,
    }


def _plain(variant: str | None) -> str | None:
    return format_name(variant) if variant else None
