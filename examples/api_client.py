"""Send a clip to a running service and read the result (needs `pip install httpx` and `analyzer serve`).

python examples/api_client.py [CLIP] [URL] [API_KEY]
"""

import sys
from pathlib import Path

import httpx

clip = Path(sys.argv[1] if len(sys.argv) > 1 else "sample_videos/hinge_neutral.mp4")
url = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8000"
headers = {"Authorization": f"Bearer {sys.argv[3]}"} if len(sys.argv) > 3 else {}


def read(answer: httpx.Response) -> httpx.Response:
    """Return an answer; print the reason and exit with 1 if the service has refused the request."""
    if answer.is_error:
        is_problem = answer.headers.get("content-type") == "application/problem+json"
        sys.exit(answer.json()["detail"] if is_problem else f"{answer.status_code} {answer.reason_phrase}")
    return answer


with httpx.Client(base_url=url, headers=headers, timeout=120) as client, clip.open("rb") as file:
    sent = client.post("/v1/analyses", files={"clip": (clip.name, file)}, data={"movement": "hinge"})
    analysis = read(sent).json()
    while analysis["status"] in ("queued", "running"):
        analysis = read(client.get(f"/v1/analyses/{analysis['id']}", params={"wait": 60})).json()
    if analysis["status"] != "done":
        sys.exit(analysis["error"]["text"] if analysis["error"] else analysis["status"])
    result = read(client.get(f"/v1/analyses/{analysis['id']}/result")).json()
    Path("report.html").write_bytes(read(client.get(f"/v1/analyses/{analysis['id']}/report")).content)

reps = analysis["summary"]["counts"]["reps"]  # complete ones; the result lists the others too
print(f"{analysis['movement']}: {reps} {'rep' if reps == 1 else 'reps'}; report.html written")
for finding in result["findings"]:
    print(f"{finding['kind']}: {finding['text']}")
