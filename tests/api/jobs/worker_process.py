"""A worker that runs a stand-in instead of the analysis; settings come from the environment as usual.

Its imports are inside `main`, since every child loads this module again.
"""

import logging
import os
import sys
from functools import partial
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Run until a signal ends it."""
    from analyzer.analysis import subprocess_runner as child
    from api.settings import ServiceSettings
    from api.worker import process
    from api.worker.process import run_worker

    stand_in = os.environ.get("ANALYZER_TEST_TASK", "tests.api.jobs.tasks")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    process._END_S = process._EXIT_S = 60  # a busy machine needs longer for an end that loses no job
    if os.environ.get("REAL_MODEL"):
        run_worker(ServiceSettings(), ready=_print_id)
    else:
        runs = Path(os.environ["ANALYZER_TEST_RUNS"])  # children have no variables of the worker
        child._PRELOAD = (stand_in,)  # the stand-in needs no library and starts sooner
        run_worker(ServiceSettings(), ready=_print_id, task=partial(import_module(stand_in).play, runs=runs))


def _print_id(worker_id: str) -> None:
    sys.stdout.write(f"{worker_id}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
