"""On which processors of the machine the server's processes run."""

from __future__ import annotations

import os
import socket
import sys

# Seconds for which a thread goes on while others wait for their turn. Whoever asks PostgreSQL ten
# things waits ten times, behind somebody's document of a thousand events.
TURN = 0.0005
_MOST = 1024


def take_turns() -> None:
    """Have the threads of this process give way sooner than Python would."""
    sys.setswitchinterval(TURN)


def stay_on_one(group: str = "chuan") -> socket.socket | None:
    """Keep this process on one processor, each process of a group on another while there are any.

    One thread of a Python process runs at a time. Handed from thread to thread and from processor to
    processor it finds nothing it left in their caches: of a small request that was a third.

    :param group: of processes that see each other: those of one machine, or of one container. The
        kernel forgets who is dead.
    :return: what holds the place for as long as it is kept; None where processes cannot be told where
        to run (macOS), where there is nothing to choose, or more processes than anybody starts.
    """
    if not hasattr(os, "sched_setaffinity"):
        return None
    processors = sorted(os.sched_getaffinity(0))
    if len(processors) == 1:
        return None
    held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    for place in range(_MOST):
        try:
            held.bind(f"\0{group}-{place}")
        except OSError:  # somebody is there
            continue
        if _moved({processors[place % len(processors)]}):
            return held
        break
    held.close()
    return None


def _moved(processors: set[int]) -> bool:
    """Whether the threads that are there went where they were told to; later ones inherit it."""
    for thread in os.listdir("/proc/self/task"):
        try:
            os.sched_setaffinity(int(thread), processors)
        except ProcessLookupError:  # it has just ended
            continue
        except OSError:  # a container may forbid it
            return False
    return True
