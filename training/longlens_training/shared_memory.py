"""Memory that several processes see. Linux keeps it in /dev/shm, which containers often make small."""

from __future__ import annotations

import os

FOLDER = "/dev/shm"
#: Left for everything else that is shared, bytes.
RESERVE = 256 * 2**20


def room_for(size: int) -> bool:
    """Whether so many bytes fit."""
    try:
        free = os.statvfs(FOLDER)
    except OSError:
        return False
    return free.f_bavail * free.f_frsize >= size + RESERVE
