"""Describe a pair in words: which sentence of the catalogue fits which change."""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from analyzer.coaching.catalogue import Catalogue, Evidence, load_catalogue
from analyzer.compare.pairing import OrderedPair, get_load_kg, shows_opposite_sides
from analyzer.compare.schema import ComparisonSentence, ContrastKind, QuantityChange
from analyzer.compare.side import ComparisonSide
from analyzer.movements.minimal_detectable_change import LIMITS, LITERATURE
from analyzer.vocabulary.measures import format_measure_name
from analyzer.vocabulary.terms import format_count, format_name
from analyzer.vocabulary.units import format_difference_in_words

_MAX_IMPROVEMENTS, _MAX_OTHER_CHANGES = 3, 2  # changes in words at most; the table has them all; chosen
_OWN_RANGE_DEG = 20.0  # a smaller range is no reference: its 80 % interval is as wide; chosen

PERCENT_OF = "leg length"
"""What a compared percentage is a part of."""


class PairWording:
    """The sentences of one pair.

    A change is described by the first of these tables that exists: `compare.<story>_<key>_<direction>`,
    `compare.<story>_<movement>_<family>_<direction>`, `compare.<story>_<family>_<direction>`, `compare.<story>_any`,
    `compare.<key>_<direction>` and `compare.<family>_<direction>`. The story is the kind of contrast, the direction is
    more or less, or arched for a back that arches in one of the two, and the dots of the key are underscores. In a
    pair from both sides, a quantity without a side, such as a time, is described as in a plain pair.
    """

    def __init__(self, pair: OrderedPair, before: str, after: str, cue: str | None) -> None:
        """Load the catalogue for a pair with the labels `before` and `after`."""
        self.before, self.after = before, after
        self._pair, self._cue = pair, cue
        own_files = [side.movement.catalogue_path for side in (pair.before, pair.after)]
        self._catalogue: Catalogue = load_catalogue(*dict.fromkeys(filter(None, own_files)))

    def title(self, key: str) -> str:
        """Return the title of a quantity: the text of `compare.title_<key>`, else its key in words."""
        return format_quantity_title(key, self._catalogue)

    def describe_changes(self, rows: Sequence[QuantityChange]) -> list[ComparisonSentence]:
        """Describe the clear changes, improvements first; without any, that nothing clearly changed."""
        shown = [row for row in rows if row.better][:_MAX_IMPROVEMENTS]
        shown += [row for row in rows if row.clear and not row.better][:_MAX_OTHER_CHANGES]
        sentences = [sentence for row in shown if (sentence := self._describe_change(row)) is not None]
        if sentences or any(row.clear for row in rows):
            return sentences
        contrast, movement = self._select_contrast(rows), self._pair.after.movement.name
        same_ids = [f"compare.{contrast}_{movement}_same", f"compare.{contrast}_same", "compare.same"]
        sentence = self._first_sentence(same_ids if rows else ["compare.nothing"], self._sentence_values())
        return [sentence] if sentence else []

    def describe_limitations(self) -> list[ComparisonSentence]:
        """Describe why something is not compared, and how the clips differ."""
        pair, own_range = self._pair, self._own_range_values()
        ids = []
        if not pair.allows_angles:
            ids.append("compare.note_shapes")
        if pair.contrast in ("stance", "variant", "load"):
            ids.append(f"compare.note_{pair.contrast}")
        loads_kg = get_load_kg(pair.before), get_load_kg(pair.after)
        if pair.contrast != "load" and None not in loads_kg and loads_kg[0] != loads_kg[1]:
            ids.append("compare.note_loads")
        if own_range:
            ids.append("compare.note_own_range")
        if self._cue is not None:
            ids.append("compare.note_cue")
        if cut_off := self._name_cut_off_sides():
            ids.append("compare.note_cut_off")
        if shows_opposite_sides(pair.before, pair.after):
            ids.append("compare.note_sides")
        values = {**self._sentence_values(), **own_range, "cut_off": cut_off}
        return [sentence for id in ids if (sentence := self._first_sentence([id], values)) is not None]

    def _name_cut_off_sides(self) -> str:
        """Return the sides whose clip ends before what it times does, such as "A and B"; empty for none."""
        sides = ((self.before, self._pair.before), (self.after, self._pair.after))
        return " and ".join(
            label for label, side in sides if any(quantity.is_at_least for quantity in side.quantities())
        )

    def _own_range_values(self) -> Evidence:
        """Return how much of the back's range in the first movement the second uses (sources 2.3); empty if unknown."""
        if self._pair.contrast != "dissociation" or not self._pair.allows_angles:
            return {}
        range_deg, used_deg = (_mean_rounding_deg(side) for side in (self._pair.before, self._pair.after))
        if range_deg is None or used_deg is None or range_deg < _OWN_RANGE_DEG or used_deg < 0:
            return {}
        return {"rounding_deg": used_deg, "own_rounding_deg": range_deg, "own_range_pct": 100 * used_deg / range_deg}

    def _describe_change(self, row: QuantityChange) -> ComparisonSentence | None:
        direction = _choose_direction(row)
        key, movement = row.key.replace(".", "_"), self._pair.after.movement.name
        contrast = self._select_contrast([row])
        names = (
            f"{contrast}_{key}_{direction}",
            f"{contrast}_{movement}_{row.family}_{direction}",
            f"{contrast}_{row.family}_{direction}",
            f"{contrast}_any",
            f"{key}_{direction}",
            f"{row.family}_{direction}",
        )
        return self._first_sentence([f"compare.{name}" for name in names], {**self._sentence_values(), **_numbers(row)})

    def _select_contrast(self, rows: Sequence[QuantityChange]) -> ContrastKind:
        """Return the contrast by which quantities are described: left and right only where one of them has a side."""
        has_side = any(LIMITS.families[row.family].has_side for row in rows)
        return "plain" if self._pair.contrast == "sides" and not has_side else self._pair.contrast

    def _sentence_values(self) -> Evidence:
        """Return the values that any sentence of this pair may use."""
        before, after = self._pair.before, self._pair.after
        return {
            "a": self.before,
            "b": self.after,
            "cue": self._cue,
            "load_before_kg": get_load_kg(before),
            "load_after_kg": get_load_kg(after),
            "variant_before": _plain(before.analysis.movement.variant),
            "variant_after": _plain(after.analysis.movement.variant),
        }

    def _first_sentence(self, ids: Sequence[str], evidence: Evidence) -> ComparisonSentence | None:
        """Return the first of these sentences that the catalogue has and that can be filled in."""
        for id in ids:
            if id not in self._catalogue.entries:
                continue
            text = self._catalogue.render_sentence(id, evidence, allows_degrees=self._pair.allows_angles)
            if text is not None:
                return ComparisonSentence(id=id, text=text, cue=self._catalogue.render_cue(id, evidence))
        return None


def summarize_mdc_sources(rows: Sequence[QuantityChange]) -> str:
    """Return where the thresholds of rows are from, in words, those of own repeats first."""
    count = Counter(row.threshold_source for row in rows)
    own = sorted((source for source in count if source != LITERATURE), key=lambda source: -count[source])
    if not own:
        return LITERATURE
    known = count[LITERATURE]
    rest = [f"of {format_count(known, 'quantity', 'quantities')} from {LITERATURE}"] if known else []
    return "; ".join([" or ".join(own), *rest])


def format_quantity_title(key: str, catalogue: Catalogue) -> str:
    """Return the title of a quantity: the text of `compare.title_<key>`, else its key in words."""
    id = f"compare.title_{key.replace('.', '_')}"
    if id in catalogue.entries:
        return catalogue.entries[id].say
    return format_measure_name(key.rpartition(".")[2])


def _mean_rounding_deg(side: ComparisonSide) -> float | None:
    values = [value for measure in side.quantities() if measure.family == "back" for value in measure.values]
    return fmean(values) if values else None


def _choose_direction(row: QuantityChange) -> str:
    """Return "more" or "less"; "arched" where a back arches in one of the two, of which neither word is true."""
    if row.family == "back" and round(min(row.before, row.after)) < 0:
        return "arched"
    return "more" if row.change > 0 else "less"


def _describe_back(change_deg: float) -> str:
    """Describe a change of the back, + rounded and - arched, such as "arches by 15 degrees"."""
    shown = round(change_deg)
    if shown == 0:
        return "keeps its shape"
    return f"{'arches' if shown < 0 else 'rounds'} by {format_count(abs(shown), 'degree', 'degrees')}"


def _numbers(row: QuantityChange) -> Evidence:
    """Return the numbers of a change under names with their unit; a share in percent, from none to all."""
    by, unit = (100.0, "pct") if row.unit == "share" else (1.0, row.unit)
    before, after = (min(max(value, 0.0), 1.0) if row.unit == "share" else value for value in (row.before, row.after))
    return {
        f"change_{unit}": by * abs(row.change),
        f"before_{unit}": by * before,
        f"after_{unit}": by * after,
        f"least_{unit}": by * row.threshold,
        "amount": format_difference_in_words(abs(row.change), row.unit, of=PERCENT_OF),
        "title": row.title,
        "back_before": _describe_back(row.before),
        "back_after": _describe_back(row.after),
    }


def _plain(variant: str | None) -> str | None:
    return format_name(variant) if variant else None
