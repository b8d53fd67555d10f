"""On which processors of the machine the server's processes run."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress

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

    :param group: a name for this machine; the kernel forgets who is dead.
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
        with suppress(OSError):  # somebody is there
            held.bind(f"\0{group}-{place}")
            # Threads that are there already stay where they are told to, later ones inherit.
            for thread in os.listdir("/proc/self/task"):
                os.sched_setaffinity(int(thread), {processors[place % len(processors)]})
            return held
    held.close()
    return None
