"""The processes behind a worker: which they are, what memory they hold, how they end. Where there is no /proc, nothing is found."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

MARK = "CONVT_WORKER"
"""An environment variable that a worker and whatever it starts carry: a child whose parent died is known by it."""
FIELDS = re.compile(rb"^(?:RssAnon|RssShmem|Pss_Anon|Pss_Shmem|MemTotal|MemAvailable):\s*(\d+) kB", re.MULTILINE)
IN_MEMORY = ("/memfd:", "/dev/shm/")
"""How the names of files begin whose content is memory."""
RESERVE = 16
"""A worker that holds more than what is left may not bring the machine below a 16th of its memory."""


def entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """What a folder of /proc holds; a process that ends meanwhile has nothing."""
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        yield from found


def descendants(root: int) -> list[int]:
    """The process and those that it and its children started, as far as their line to it is unbroken."""
    found = [root]
    for each in found:
        for task in entries(f"/proc/{each}/task"):
            with contextlib.suppress(OSError):
                found += map(int, Path(task.path, "children").read_bytes().split())
    return found


def marked(mark: str) -> Iterator[int]:
    """The processes of ours that carry the mark in the environment with which they started."""
    wanted, own = f"{MARK}={mark}\0".encode(), os.getuid()
    for each in entries("/proc"):
        with contextlib.suppress(OSError):
            if each.name.isdecimal() and each.stat().st_uid == own and wanted in Path(each.path, "environ").read_bytes():
                yield int(each.name)


def alive(process: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_bytes().rpartition(b") ")[2][:1] not in (b"Z", b"X")
    except OSError:
        return False


def end(root: int, mark: str = "") -> None:
    """Kill a process and all its kin, also those that left its group or session or lost their parent, until no other is found.

    The process itself goes last, stopped meanwhile: as long as it is there, whoever loses a parent becomes its child.
    """
    kill(root, signal.SIGSTOP)
    struck = {os.getpid(), root}
    while living := {*descendants(root), *(marked(mark) if mark else ())} - struck:
        for each in living:
            kill(each, signal.SIGKILL)
        struck |= living
    kill(root, signal.SIGKILL)


def kill(process: int, number: signal.Signals) -> None:
    with contextlib.suppress(OSError):
        os.kill(process, number)


def held(root: int) -> int:
    """Bytes behind a process and its descendants that no file on a disk backs; a page that several share counts for each."""
    return memory(descendants(root), "status")


def exceeds(root: int, limit: int) -> bool:
    """Whether a process and its descendants hold more than `limit` bytes, or so much that the machine runs out of memory."""
    family = descendants(root)
    quick = memory(family, "status")
    if quick > limit and memory(family, "smaps_rollup") > limit:
        return True
    with contextlib.suppress(OSError, ValueError):
        whole, left = kibibytes("/proc/meminfo")
        return left < whole // RESERVE and quick > left * 1024
    return False


def memory(processes: Sequence[int], source: str) -> int:
    """The sum in bytes over `status`, which is quick, or `smaps_rollup`, where a page is divided among those that map it."""
    anonymous = shared = 0
    files: dict[int, int] = {}
    for process in processes:
        with contextlib.suppress(OSError, ValueError):
            private, mapped = kibibytes(f"/proc/{process}/{source}")
            anonymous, shared = anonymous + private, shared + mapped
            files |= memory_files(process)
    return 1024 * anonymous + max(1024 * shared, sum(files.values()))


def memory_files(process: int) -> dict[int, int]:
    """The bytes of the open files that lie in memory, mapped or not, by inode."""
    found = {}
    for each in entries(f"/proc/{process}/fd"):
        with contextlib.suppress(OSError):
            if os.readlink(each.path).startswith(IN_MEMORY):  # noqa: PTH115
                status = each.stat()
                found[status.st_ino] = status.st_blocks * 512
    return found


def kibibytes(path: str) -> tuple[int, int]:
    """The two numbers of `FIELDS` in a file of /proc; raises ValueError where there are others."""
    one, other = map(int, FIELDS.findall(Path(path).read_bytes()))
    return one, other
