"""Analyse one clip and work with its angles as a pandas table.

python examples/angles_to_pandas.py [CLIP]
"""

import sys

from analyzer import AnalyzerError, analyze

clip = sys.argv[1] if len(sys.argv) > 1 else "sample_videos/hinge_neutral.mp4"
try:
    result = analyze(clip, movement="hinge")
except AnalyzerError as error:
    sys.exit(str(error))

complete_reps = sum(rep.complete for rep in result.reps)
print(f"{result.clip.name}: {complete_reps} reps, view {result.view.grade}, {len(result.angles)} frames")
columns = ["trunk_inclination_deg", "trunk_thigh_deg", "knee_flexion_deg"]
print(result.angles[columns].agg(["min", "max"]).round().astype(int).to_string())
for rep in result.reps:
    row = result.angles.loc[(result.angles["time_s"] - rep.bottom_s).abs().idxmin()]
    print(f"rep {rep.index}: bottom at {rep.bottom_s:.1f} s, trunk-thigh {row['trunk_thigh_deg']:.0f} degrees")
