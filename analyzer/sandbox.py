"""Confine a process that decodes a clip of somebody else: no network, no other files, no other programs.

A video decoder is a large piece of native code that reads data of strangers. Landlock limits the files, seccomp the
system calls; both are features of the Linux kernel, reached through the packages `landlock` and `pyseccomp`. Where one
of them is missing the process works without it, and `analyzer doctor` says so. With both, a process of root becomes an
account without rights.
"""

import mimetypes
import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from analyzer.unprivileged import drop_root, is_root, prepare_drop

_SYSTEM_FOLDERS = ("/usr", "/lib", "/lib64", "/nix", "/etc/fonts", "/var/cache/fontconfig")
"""Not /opt, where services often have their data; a Python in it is found by its own paths."""
_SYSTEM_FILES = (
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/dev/urandom",
    "/dev/random",
)
_PROCESSORS = "/sys/devices/system/cpu"
_NETWORK_CALLS = ("socket", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg")
"""Sockets of services on this machine too; the pipe to the parent exists already."""
_PROCESS_CALLS = (
    *("execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "kcmp"),
    *("pidfd_open", "pidfd_getfd", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo"),
    *("shmget", "shmat", "shmctl", "semget", "semop", "semtimedop", "semctl", "msgget", "msgsnd", "msgrcv", "msgctl"),
    *("mq_open", "mq_unlink"),
)
_SIGNAL_CALLS = ("kill", "tkill", "tgkill")
_LIMIT_CALL = "prlimit64"  # of any process of the account, 0 for the own one; too small a limit ends it
_FILE_OWNER_COMMANDS = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX of fcntl: the kernel signals a process by them
_OWNERSHIP_CALLS = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
    *("utime", "utimes", "futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr"),
)
"""Landlock does not limit these."""
_KERNEL_CALLS = (
    *("bpf", "perf_event_open", "io_uring_setup", "userfaultfd", "keyctl", "add_key", "request_key", "syslog"),
    *("mount", "umount2", "move_mount", "open_tree", "fsopen", "pivot_root", "chroot", "unshare", "setns"),
    *("init_module", "finit_module", "kexec_load", "reboot", "swapon", "swapoff", "acct", "quotactl"),
    *("name_to_handle_at", "open_by_handle_at", "settimeofday", "clock_settime", "sethostname", "setdomainname"),
)
_PASSED_VARIABLES = (
    *("HOME", "LANG", "LANGUAGE", "PATH", "TZ", "VIRTUAL_ENV", "SYSTEMROOT", "WINDIR", "XDG_CACHE_HOME"),
    *("TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH", "MALLOC_ARENA_MAX", "MPLBACKEND", "MPLCONFIGDIR"),
)
_PASSED_PREFIXES = ("LC_", "MKL_", "OMP_", "OPENBLAS_", "PYTHON")


@dataclass(frozen=True)
class Confinement:
    """What a process is confined by.

    Attributes
    ----------
    has_limited_files : whether it can open only the files that it was given, and start no other program.
    has_limited_calls : whether it can open no connection, and reach no other process.
    is_unprivileged : whether it has another account than root.
    missing : what this machine lacks, in words.
    """

    has_limited_files: bool
    has_limited_calls: bool
    is_unprivileged: bool
    missing: tuple[str, ...] = ()


def confine_process(readable: Sequence[Path], writable: Sequence[Path]) -> Confinement:
    """Confine this process; it cannot be undone.

    Files are confined for this thread and everything that it starts from now on: call it before other threads are
    started. Files that are open stay usable. The libraries of Python and of the system stay readable. Where this
    process is root, the writable folders belong to another account afterwards: `unprivileged.reclaim_files`.

    Parameters
    ----------
    readable : files, and folders with everything below them, that may be read.
    writable : existing folders in which files may be made, changed and removed.
    """
    can_limit_calls, _ = _find_seccomp()  # loads the library: its files cannot be read afterwards
    why_root = _find_reason_to_stay_root(_find_landlock()[0] and can_limit_calls, readable, writable)
    limits_files, why_not_files = _confine_files(readable, writable)
    limits_calls, why_not_calls = _deny_calls()
    if is_root() and not why_root and limits_files and limits_calls:
        drop_root()
    missing = tuple(why for why in (why_not_files, why_not_calls, why_root) if why)
    return Confinement(limits_files, limits_calls, not is_root(), missing)


def check_confinement() -> Confinement:
    """Return what `confine_process` can do here, without confining this process."""
    can_limit_files, why_not_files = _find_landlock()
    can_limit_calls, why_not_calls = _find_seccomp()
    missing = tuple(why for why in (why_not_files, why_not_calls) if why)
    return Confinement(
        can_limit_files, can_limit_calls, (can_limit_files and can_limit_calls) or not is_root(), missing
    )


def check_account() -> str:
    """Return why a process of root would decode as root here; empty if it would not, or is not root."""
    possible = check_confinement()
    is_confined = possible.has_limited_files and possible.has_limited_calls
    with TemporaryDirectory() as folder:
        return _find_reason_to_stay_root(is_confined, [], [Path(folder)])


def _find_reason_to_stay_root(is_confined: bool, readable: Sequence[Path], writable: Sequence[Path]) -> str:
    if not is_root():
        return ""
    if not is_confined:
        return "decoders run as root: run the service as an account of its own"
    problem = prepare_drop(readable, writable)
    return "" if problem is None else f"decoders run as root: {problem}"


@contextmanager
def minimal_environment() -> Iterator[None]:
    """Start processes in this block with few environment variables: none of the service's settings and passwords.

    The variables of this process change meanwhile: use it before other threads read them.
    """
    before = dict(os.environ)
    for name in before:
        if name not in _PASSED_VARIABLES and not name.startswith(_PASSED_PREFIXES):
            del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(before)


def _find_landlock() -> tuple[bool, str]:
    if sys.platform != "linux":
        return False, "file access cannot be limited on this system"
    try:
        from landlock import LandlockError, landlock_abi_version
    except ImportError:
        return False, 'the package "landlock" is not installed'
    try:
        landlock_abi_version()
    except (LandlockError, OSError):
        return False, "the kernel has no Landlock (Linux 5.13 or newer, enabled at boot)"
    return True, ""


def _find_seccomp() -> tuple[bool, str]:
    if sys.platform != "linux":
        return False, "system calls cannot be limited on this system"
    try:
        import pyseccomp  # noqa: F401  # only whether it loads
    except ImportError:
        return False, 'the package "pyseccomp" is not installed'
    except (OSError, RuntimeError):
        return False, "the library libseccomp is not installed"
    return True, ""


def _confine_files(readable: Sequence[Path], writable: Sequence[Path]) -> tuple[bool, str]:
    is_available, why_not = _find_landlock()
    if not is_available:
        return False, why_not
    from landlock import FSAccess, LandlockError, Ruleset

    read = FSAccess.READ_FILE | FSAccess.READ_DIR
    special = FSAccess.MAKE_CHAR | FSAccess.MAKE_BLOCK | FSAccess.MAKE_SOCK | FSAccess.MAKE_FIFO | FSAccess.MAKE_SYM
    change = FSAccess.all() & ~(FSAccess.EXECUTE | special)
    try:
        rules = Ruleset()
        for path in (
            *_library_paths(),
            *map(Path, (*_SYSTEM_FILES, *mimetypes.knownfiles)),
            Path(_PROCESSORS),
            *readable,
        ):
            with suppress(FileNotFoundError, NotADirectoryError):
                rules.allow(path, rules=read if path.is_dir() else FSAccess.READ_FILE)
        with suppress(FileNotFoundError):
            rules.allow("/dev/null", rules=FSAccess.READ_FILE | FSAccess.WRITE_FILE)
        for path in writable:
            rules.allow(path, rules=change)
        rules.apply()
    except (LandlockError, OSError) as error:
        return False, f"Landlock failed ({type(error).__name__})"
    return True, ""


def _library_paths() -> list[Path]:
    """List the folders that hold Python, its packages and the libraries of the system."""
    own = {Path(path) for path in (*sys.path, *sysconfig.get_paths().values(), sys.prefix, sys.base_prefix) if path}
    resolved = {path.resolve() for path in own if path.exists()}
    wide = {Path("/")}  # a folder that holds everything, named as a place of packages
    for find in (Path.home, Path.cwd):
        with suppress(RuntimeError, OSError):  # an account without a home, as in containers; a removed folder
            wide.add(find())
    package = Path(__file__).resolve().parent
    more = {Path(folder) for folder in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep) if folder}
    return sorted({*((resolved | more) - wide), package, *map(Path, _SYSTEM_FOLDERS)})


def _deny_calls() -> tuple[bool, str]:
    is_available, why_not = _find_seccomp()
    if not is_available:
        return False, why_not
    import errno

    import pyseccomp

    try:
        rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        refuse = pyseccomp.ERRNO(errno.EPERM)
        for name in (*_NETWORK_CALLS, *_PROCESS_CALLS, *_OWNERSHIP_CALLS, *_KERNEL_CALLS):
            with suppress(ValueError, OSError):  # a call that this library or processor does not have
                rules.add_rule(refuse, name)
        own = {name: os.getpid() for name in _SIGNAL_CALLS} | {_LIMIT_CALL: 0}
        for name, process in own.items():  # it may end and limit itself, and nobody else
            rules.add_rule(refuse, name, pyseccomp.Arg(0, pyseccomp.NE, process))
        for command in _FILE_OWNER_COMMANDS:
            rules.add_rule(refuse, "fcntl", pyseccomp.Arg(1, pyseccomp.EQ, command))
        rules.set_attr(pyseccomp.Attr.CTL_TSYNC, 1)  # threads that run already, too
        rules.load()
    except (OSError, ValueError) as error:
        return False, f"seccomp failed ({type(error).__name__})"
    return True, ""
