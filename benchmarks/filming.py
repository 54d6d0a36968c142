"""From the last frame of a filmed clip to its result page: sent while it is filmed, against sent afterwards.

    python -m benchmarks.filming [--runs 3] [--mbit-s 8] [--clip CLIP]

In a real browser whose link is limited to `--mbit-s`, the rendered sample, repeated to 23 s at 1920x1080, is
"filmed" in real time: one part a second, with padding up to the 6 Mbit/s of the recorder. Both ways in turn, each
clip with bytes of its own, so that no stored track helps. Prints seconds from the last part until the service has
accepted the clip, and until its result page is drawn, with the ratio of each pair.
"""

import argparse
import math
import os
import statistics
import struct
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from analyzer.clip.probe import open_clip
from analyzer.settings import Settings
from benchmarks.memory import make_repeated_sample
from benchmarks.service_process import run_service
from tests.parts import find_browser

RECORDER_MBIT_S = 6  # of the page that films
RESULT_MS = 900_000
FILM = """(async ([seconds, isSentMeanwhile]) => {
  const { RecordingUpload } = await import('/upload/recording_upload.js');
  const { submitClip } = await import('/views/clip_intake.js');
  const clip = new File([await (await fetch('/benchmark-clip')).blob()], 'filmed.mp4', { type: 'video/mp4' });
  const recording = isSentMeanwhile ? new RecordingUpload() : null;
  recording?.start('video/mp4', {});
  const size = Math.ceil(clip.size / seconds);
  for (let second = 0; second < seconds; second++) {
    await new Promise((done) => setTimeout(done, 1000));
    recording?.append(clip.slice(second * size, (second + 1) * size));
  }
  const entry = recording ? await recording.finish(clip) : (await submitClip(clip, {})).entry;
  location.hash = `#/send/${entry.id}`;
})"""


def pad_to_recorder_rate(clip: Path, to: Path, duration_s: float) -> None:
    """Copy a clip with an empty box of random bytes at its end, up to the size that the page records."""
    content = clip.read_bytes()
    missing = max(16, int(RECORDER_MBIT_S * 1e6 / 8 * duration_s) - len(content) - 8)
    to.write_bytes(content + struct.pack(">I4s", missing + 8, b"free") + os.urandom(missing))


def time_one(page: Page, clip: Path, duration_s: float, is_sent_meanwhile: bool) -> tuple[float, float]:
    """Return the seconds from the last part until the clip was accepted, and until its result was drawn."""
    page.unroute_all()
    page.route("**/benchmark-clip", lambda route: route.fulfill(path=clip, content_type="video/mp4"))
    page.goto("/#/clips")
    page.evaluate(FILM, [math.ceil(duration_s), is_sent_meanwhile])
    began = time.perf_counter()
    page.wait_for_url("**/#/clips/ana_*", timeout=RESULT_MS)
    accepted = time.perf_counter()
    expect(page.get_by_role("heading", name="What you can do")).to_be_visible(timeout=RESULT_MS)
    return accepted - began, time.perf_counter() - began


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--mbit-s", type=float, default=8)
    parser.add_argument("--clip", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        clip, padded = options.clip or folder / "sample.mp4", folder / "filmed.mp4"
        if options.clip is None:
            make_repeated_sample(clip, 1920, 1080, "libx264", "yuv420p", 23)
        duration_s = open_clip(clip, Settings()).duration_s
        (folder / "data").mkdir()
        with run_service(folder / "data", worker=True, requests_per_minute=100_000) as service:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
            page = browser.new_page(base_url=service.url)
            network = page.context.new_cdp_session(page)
            network.send("Network.enable")
            network.send(
                "Network.emulateNetworkConditions",
                {
                    "offline": False,
                    "latency": 20,
                    "downloadThroughput": -1,
                    "uploadThroughput": options.mbit_s * 1e6 / 8,
                },
            )
            print("accepted and result, s: sent meanwhile | sent afterwards   ratio of the result")
            ratios = []
            for _ in range(options.runs):
                times = []
                for is_sent_meanwhile in (True, False):
                    pad_to_recorder_rate(clip, padded, duration_s)
                    times.append(time_one(page, padded, duration_s, is_sent_meanwhile))
                (early_accepted, early), (late_accepted, late) = times
                ratios.append(early / late)
                print(
                    f"{early_accepted:6.1f} {early:6.1f} | {late_accepted:6.1f} {late:6.1f}   {ratios[-1]:.2f}",
                    flush=True,
                )
            print(f"median ratio {statistics.median(ratios):.2f}, load {os.getloadavg()[0]:.0f}")


if __name__ == "__main__":
    main()
