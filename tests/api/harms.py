"""What a hostile clip may do to the process that looks at it; a module of its own, since that process loads it."""

import os
import signal
import time
from pathlib import Path

from api.probing import Facts


def die(path, name, settings):
    os.kill(os.getpid(), signal.SIGSEGV)


def hang(path, name, settings):
    time.sleep(60)


def grow(path, name, settings):
    try:
        return Facts(sha256=str(len(bytearray(4 * 2**30))))
    except MemoryError:
        return Facts(refused=f"{name}: too much memory")


def wait_for(path, name, settings):
    """Say that the look has begun, then wait until the file is there."""
    Path(f"{path}.begun-{os.getpid()}").touch()
    while not Path(path).exists():
        time.sleep(0.05)
    return Facts()
