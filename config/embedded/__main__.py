"""`python -m config.embedded start|stop|status`: the embedded servers without Django."""

from __future__ import annotations

import sys

from config.embedded.command import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1] if len(sys.argv) == 2 else ""))
