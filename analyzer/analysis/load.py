"""Load: the path of a plate or kettlebell over the reps, read from the pictures of the clip."""

from analyzer.analysis.body_fit import BodyFit, discard_back
from analyzer.analysis.recognition import AnalysisContext
from analyzer.clip.probe import Clip
from analyzer.kinematics.back_occlusion import plate_occludes_back
from analyzer.kinematics.back_outline import DorsalOutline
from analyzer.load.cached_path import get_load_path
from analyzer.load.load_path import LoadPath
from analyzer.movements.protocol import Events
from analyzer.results.artifact_cache import ArtifactCache


def follow_load(
    context: AnalysisContext, clip: Clip, body: BodyFit, events: Events, cache: ArtifactCache, threads: int
) -> LoadPath | None:
    """Follow the load over the reps; None where the movement tracks none, or where none is visible.

    The clip is read in `threads` parts at the same time, or not at all if the cache holds the path.
    """
    if context.movement is None or not context.movement.tracks_load:
        return None
    return get_load_path(cache, clip, body.track, body.view, body.table.trunk_px, events.reps, threads)


def discard_hidden_back(body: BodyFit, load: LoadPath | None) -> BodyFit:
    """Return the body without back rounding if a plate hides the low back in the baseline posture, else the same."""
    back = body.back
    if back is None or load is None or load.kind != "plate":
        return body
    outline = DorsalOutline(back.profile, body.track.points_px, body.view.facing)
    is_hidden = plate_occludes_back(outline, load.centre_px, load.radius_px, back.is_baseline)
    return discard_back(body, "a plate lies over the low back in the baseline posture") if is_hidden else body
