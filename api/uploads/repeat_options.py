"""Options of a repeat: the same client, movement, variant, load and height as in the analysis that it repeats."""

from sqlalchemy.orm import Session

from api.db import analyses, clients
from api.db.models import AnalysisRow
from api.responses.problem_details import FieldError, Problem, not_found
from api.schemas.analyses import AnalysisOptions

_SAME = ("movement", "variant", "load_kg", "height_cm", "client")
_PARTS_OF_TASK = ("variant", "load_kg")  # clips that differ in these are no repeats, also where one has none


def complete_repeat_options(session: Session, owner_id: str, options: AnalysisOptions) -> AnalysisOptions:
    """Fill in what a repeat takes from the analysis that it repeats; other options are returned as they are.

    A repeat of a repeat is one of the first clip.

    Raises
    ------
    Problem : 404 there is no such analysis, 422 an option differs from it.
    """
    if options.repeat_of is None:
        return options
    first = analyses.get(session, owner_id, options.repeat_of)
    if first is None:
        raise not_found("analysis")
    values = _read_options(first)
    given = {name: getattr(options, name) for name in _SAME if getattr(options, name) not in (None, "auto")}
    if "client" in given and not str(given["client"]).startswith("cli_"):
        named = clients.find_by_name(session, owner_id, str(given["client"]))
        given["client"] = named.id if named is not None else given["client"]
    for name, value in given.items():
        if values[name] != value and (values[name] is not None or name in _PARTS_OF_TASK):
            what = f"differs from the clip that is repeated ({values[name] or 'not given'}); leave it out"
            error = FieldError(where=f"body.{name}", what=what)
            raise Problem(422, "no-repeat", f"body.{name}: {what}.", errors=[error])
    known = {name: value for name, value in values.items() if value is not None}
    return options.model_copy(update={**known, "repeat_of": first.repeat_of or first.id})


def _read_options(row: AnalysisRow) -> dict[str, object]:
    """Return the details of an analysis as options; the recognised movement where it was not given."""
    summary = row.summary or {}
    recognised = summary.get("movement")
    movement = row.movement if row.movement != "auto" or recognised in (None, "unknown") else recognised
    return {
        "movement": None if movement == "auto" else movement,
        "variant": row.variant or summary.get("variant"),
        "load_kg": row.load_kg,
        "height_cm": row.height_cm,
        "client": row.client_id,
    }
