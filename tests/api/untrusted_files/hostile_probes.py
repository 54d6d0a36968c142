"""What a hostile clip may do to the process that looks at it; a module of its own, since that process loads it."""

import os
import signal
import time
from pathlib import Path

from api.untrusted_files import clip_probing
from api.untrusted_files.clip_probing import ProbeResult
from tests.threads import count_threads_after_joining


def start_only(path, name, settings, folders):
    """Start the process, without confining it: a confined one cannot load this module."""
    return ProbeResult()


def confine_and_describe(path, name, settings, folders):
    """Confine the process; the threads at that moment and the account afterwards are the result."""
    confine_process, threads = clip_probing.confine_process, []

    def confine(*given):
        threads.append(count_threads_after_joining())
        return confine_process(*given)

    clip_probing.confine_process = confine
    clip_probing._confine(folders)
    return ProbeResult(sha256=f"{threads[0]} thread, account of root: {os.geteuid() == 0}")


def crash_probe(path, name, settings, folders):
    os.kill(os.getpid(), signal.SIGSEGV)


def hang_probe(path, name, settings, folders):
    time.sleep(60)


def exhaust_memory(path, name, settings, folders):
    try:
        return ProbeResult(sha256=str(len(bytearray(4 * 2**30))))
    except MemoryError:
        return ProbeResult(refused=f"{name}: too much memory")


def wait_for_file(path, name, settings, folders):
    """Say that the look has begun, then wait until the file is there."""
    Path(f"{path}.begun-{os.getpid()}").touch()
    while not Path(path).exists():
        time.sleep(0.05)
    return ProbeResult()
