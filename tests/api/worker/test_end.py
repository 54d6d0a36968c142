import subprocess
import sys
from textwrap import dedent

END = """
    import threading
    from pathlib import Path
    from types import SimpleNamespace

    from api.db.engine import open_database
    from api.worker import process

    process._EXIT_S = 0.5
    database = open_database("sqlite:///" + {folder!r} + "/analyzer.sqlite")
    database.migrate()
    locked = SimpleNamespace(requeue_abandoned_jobs=lambda _: threading.Event().wait())
    scratch = Path({folder!r}) / "scratch"
    scratch.mkdir()
    executor = SimpleNamespace(stop=lambda: None)
    process._end(executor, locked, database, SimpleNamespace(scratch=scratch, worker_id="wrk_1"))
"""


def test_a_worker_ends_although_the_job_store_does_not_answer(tmp_path):
    command = [sys.executable, "-c", dedent(END).format(folder=str(tmp_path))]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
