"""Two hinges side by side in one chart, each as change from the person's own tall stance.

python examples/two_clips.py [CLIP CLIP] [CHART.png]
"""

import sys

from matplotlib.figure import Figure

from analyzer import AnalyzerError, analyze

clips = sys.argv[1:3] if len(sys.argv) > 2 else ["sample_videos/hinge_neutral.mp4", "sample_videos/hinge_rounded.mp4"]
chart = sys.argv[3] if len(sys.argv) > 3 else "two_clips.png"

figure = Figure(figsize=(7, 4), layout="constrained")
axes = figure.subplots()
for clip, style in zip(clips, ("-", "--"), strict=True):
    try:
        result = analyze(clip, movement="hinge")
    except AnalyzerError as error:
        sys.exit(str(error))
    tall = (result.measures["own_tall"] or {}).get("angles", {})
    for column, colour in (("trunk_inclination_deg", "#0072B2"), ("trunk_thigh_deg", "#D55E00")):
        change = result.angles[column] - tall.get(column, 0.0)
        label = f"{column.removesuffix('_deg').replace('_', ' ')}, {result.clip.name}"
        axes.plot(result.angles["time_s"], change, style, color=colour, label=label)
axes.set(xlabel="Time (seconds)", ylabel="Change from tall (degrees)")
axes.legend(fontsize=8)
figure.savefig(chart, dpi=150)
print(f"Chart: {chart}")
