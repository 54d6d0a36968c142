"""Send a clip to a running service and read the result (needs `pip install httpx` and `analyzer serve`).

python examples/api_client.py [CLIP] [URL] [API_KEY]
"""

import sys
from pathlib import Path

import httpx

clip = Path(sys.argv[1] if len(sys.argv) > 1 else "sample_videos/hinge_neutral.mp4")
url = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8000"
headers = {"Authorization": f"Bearer {sys.argv[3]}"} if len(sys.argv) > 3 else {}

with httpx.Client(base_url=url, headers=headers, timeout=120) as client, clip.open("rb") as file:
    answer = client.post("/v1/analyses", files={"clip": (clip.name, file)}, data={"movement": "hinge"})
    answer.raise_for_status()
    analysis = answer.json()
    while analysis["status"] in ("queued", "running"):
        analysis = client.get(f"/v1/analyses/{analysis['id']}", params={"wait": 60}).json()
    if analysis["status"] != "done":
        sys.exit(f"{analysis['status']}: {analysis['error']}")
    result = client.get(f"/v1/analyses/{analysis['id']}/result").json()
    Path("report.html").write_bytes(client.get(f"/v1/analyses/{analysis['id']}/report").content)

print(f"{result['movement']['name']}: {len(result['reps'])} reps; report.html written")
for finding in result["findings"]:
    print(f"{finding['kind']}: {finding['text']}")
