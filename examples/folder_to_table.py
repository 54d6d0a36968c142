"""Analyse every clip of a folder and print one row per clip.

python examples/folder_to_table.py [FOLDER] [TABLE.csv]

For large folders use `analyzer batch`, which works on several clips at once, resumes, and writes more tables.
"""

import sys
from pathlib import Path

import pandas as pd

from analyzer import AnalyzerError, analyze

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "sample_videos")
table_path = sys.argv[2] if len(sys.argv) > 2 else "folder_to_table.csv"

rows = []
for clip in sorted(folder.glob("*.mp4")):
    try:
        result = analyze(clip)
    except AnalyzerError as error:
        rows.append({"clip": clip.name, "movement": "", "error": str(error)})
        continue
    rows.append(
        {
            "clip": clip.name,
            "movement": result.movement.name,
            "reps": sum(rep.complete for rep in result.reps),
            "hold_s": round(sum(hold.duration_s for hold in result.holds)),
            "stages": len(result.stages),
            "view": result.view.grade,
        }
    )
table = pd.DataFrame(rows)
table.to_csv(table_path, index=False)
print(table.to_string(index=False))
