"""The real command on hostile and odd files: exit code, its line, nothing left behind, no connection made.

    python -m benchmarks.robustness

Builds the files in a temporary folder and runs `analyzer run FILE --out DIR --no-video` on each. Exit code 1 when any
file gets a traceback, another exit code than it is owed, another line, or leaves something behind.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from benchmarks.odd_files import DONE, NOT_ANALYSED, OddFileCase, make_odd_files

SAMPLE_CLIP = Path(__file__).resolve().parents[1] / "sample_videos" / "hinge_neutral.mp4"
RESULTS = {"analysis.json", "angles.csv", "angles.png", "report.html", "track.npz", "kept.zip", "thumb.jpg"}
TIME_LIMIT_S = 300


def run_case(case: OddFileCase, out: Path, scratch: Path) -> tuple[int, str, list[str]]:
    """Run the command on one file; return its exit code, the line it gave and what was wrong."""
    before = list_names(case.path.parent)
    command = [sys.executable, "-m", "analyzer", "run", str(case.path), "--out", str(out), "--no-video"]
    environment = {**os.environ, **case.limits, "TMPDIR": str(scratch)}
    try:
        done = subprocess.run(
            [*command, *case.extra], capture_output=True, text=True, env=environment, timeout=TIME_LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return -1, "", [f"still ran after {TIME_LIMIT_S} s"]
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    faults = []
    if "Traceback" in done.stdout + done.stderr:
        faults.append("traceback")
    if done.returncode != case.exit_code:
        faults.append(f"exit code {case.exit_code} expected")
    if case.exit_code == NOT_ANALYSED and len(lines) != 1:
        faults.append(f"{len(lines)} lines on standard error")
    if case.says not in done.stderr:
        faults.append(f"does not say {case.says!r}")
    left = list_names(out)
    if left != (RESULTS if case.exit_code == DONE else None):
        faults.append(f"results: {sorted(left) if left is not None else 'none'}")
    if case.path != Path(os.devnull) and list_names(case.path.parent) != before:
        faults.append("left something beside the clip")
    if list_names(scratch):
        faults.append(f"left {sorted(list_names(scratch) or ())} in the temporary folder")
    notes = [line for line in done.stdout.splitlines() if line.startswith("Note:")]
    return done.returncode, " | ".join(lines or notes), faults


def list_names(folder: Path) -> set[str] | None:
    """List the names in a folder; None when there is no such folder."""
    return {entry.name for entry in folder.iterdir()} if folder.is_dir() else None


def count_calls(server: socket.socket, calls: list[str]) -> None:
    """Record every connection to the server until it is closed."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        calls.append("call")
        connection.close()


def main() -> int:
    """Print the table and return the exit code."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    calls: list[str] = []
    failed = 0
    with (
        tempfile.TemporaryDirectory() as name,
        tempfile.TemporaryDirectory() as results,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        threading.Thread(target=count_calls, args=(server, calls), daemon=True).start()
        cases = make_odd_files(Path(name), SAMPLE_CLIP, server.getsockname()[1])
        print(f"{'':5s}{'file':44s}{'exit':>4s}  line")
        for number, case in enumerate(cases):
            scratch = Path(results) / f"scratch{number}"
            scratch.mkdir()
            code, line, faults = run_case(case, Path(results) / f"out{number}", scratch)
            if calls:
                faults.append("opened a connection")
                calls.clear()
            failed += bool(faults)
            print(f"{'FAIL' if faults else 'ok':5s}{case.what:44s}{code:4d}  {line}", flush=True)
            for fault in faults:
                print(f"{'':5s}-> {fault}", flush=True)
        server.close()
    print(f"\n{len(cases)} files, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
