"""How far did the hips fold, and did the knees stay quiet? One clip, a few lines.

python examples/deepest_fold.py [CLIP]
"""

import sys

from analyzer import AnalyzerError, analyze

clip = sys.argv[1] if len(sys.argv) > 1 else "sample_videos/hinge_neutral.mp4"
try:
    result = analyze(clip, movement="hinge")
except AnalyzerError as error:
    sys.exit(str(error))

change = result.measures.get("change_from_own_tall")
if result.view.grade == "refused" or change is None:
    sys.exit("; ".join(result.view.reasons + result.quality.warnings))

fold, knee = change["trunk_thigh_deg"]["max"], change["knee_flexion_deg"]["max"]
deepest = result.angles.loc[result.angles["trunk_thigh_deg"].idxmax()]
print(f"Deepest at {deepest['time_s']:.1f} s: the hips fold {fold:.0f} degrees from tall, the knees bend {knee:.0f}.")
print(f"For each degree at the knee, {fold / knee:.1f} at the hip." if knee > 5 else "The knees stay still.")
