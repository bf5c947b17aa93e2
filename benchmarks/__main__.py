"""`python -m benchmarks`: runs every benchmark in its own process and keeps the lines in results.json."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

NAMES = (
    "provision",
    "tenant_switch",
    "ingest",
    "scorecard",
    "rollup",
    "listing",
    "attribution",
    "pricing",
    "alerts",
)


def main() -> int:
    """Run all; exit 1 when one of them failed to run (a missed goal is a result, not a failure)."""
    lines: list[dict[str, object]] = []
    failed = []
    for name in NAMES:
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}"], stdout=subprocess.PIPE, text=True, check=False
        )
        sys.stdout.write(done.stdout)
        lines += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode:
            failed.append(name)
    (Path(__file__).parent / "results.json").write_text(json.dumps(lines, indent=1) + "\n")
    if failed:
        print(f"did not run to their end: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
