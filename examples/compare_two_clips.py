"""Plot two hinges in one chart, each as change from the person's own tall stance.

python examples/compare_two_clips.py [CLIP CLIP] [CHART.png]
"""

import sys

from matplotlib.figure import Figure

from analyzer import AnalyzerError, analyze

clips = sys.argv[1:3] if len(sys.argv) > 2 else ["sample_videos/hinge_neutral.mp4", "sample_videos/hinge_rounded.mp4"]
chart = sys.argv[3] if len(sys.argv) > 3 else "compare_two_clips.png"

figure = Figure(figsize=(7, 4), layout="constrained")
axes = figure.subplots()
for clip, style in zip(clips, ("-", "--"), strict=True):
    try:
        result = analyze(clip, movement="hinge")
    except AnalyzerError as error:
        sys.exit(str(error))
    baseline = (result.measures["own_tall"] or {}).get("angles", {})
    for column, colour in (("trunk_thigh_deg", "#D55E00"), ("back_rounding_deg", "#E69F00")):
        change = result.angles[column] - baseline.get(column, 0.0)
        label = f"{column.removesuffix('_deg').replace('_', ' ')}, {result.clip.name}"
        axes.plot(result.angles["time_s"], change, style, color=colour, label=label)
    deepest = result.angles["trunk_thigh_deg"].idxmax()
    rounding = result.angles["back_rounding_deg"][deepest]
    print(f"{result.clip.name}: at the deepest point the back is rounded by {rounding:.0f} degrees from tall")
axes.set(xlabel="Time (seconds)", ylabel="Change from tall (degrees)")
axes.legend(fontsize=8)
figure.savefig(chart, dpi=150)
print(f"Chart: {chart}")
