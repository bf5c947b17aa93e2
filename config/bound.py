"""Run a program that ends when its parent does, however the parent ends: `bound.py PARENT_PID program …`.

A script of its own, without imports of the product, because it stands in front of every supervised program.
On systems other than Linux the program is run as it is: there a parent's SIGKILL leaves it behind.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def bind(parent: int) -> None:
    """Ask the kernel for SIGTERM at the parent's death; ends this process if that was before."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit("the parent ended before its child began")


def main() -> None:
    """Bind to the parent, then become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    bind(parent)
    os.execvp(program[0], program)  # noqa: S606 (no shell is meant)


if __name__ == "__main__":
    main()
