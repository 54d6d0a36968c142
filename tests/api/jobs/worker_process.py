"""A worker whose children play instead of analysing; settings come from the environment, as in life.

Its imports are inside, since every child loads this module again.
"""

import logging
import os
import sys


def main() -> None:
    """Work until told to end."""
    from analyzer import child
    from api.jobs.worker import run_worker
    from api.settings import ServiceSettings
    from tests.api.jobs.tasks import play

    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    if os.environ.get("REAL_MODEL"):
        run_worker(ServiceSettings(), ready=_tell)
    else:
        child._WARM = ("tests.api.jobs.tasks",)  # the stand-in needs no library, and is ready sooner
        run_worker(ServiceSettings(), ready=_tell, task=play)


def _tell(worker_id: str) -> None:
    sys.stdout.write(f"{worker_id}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
