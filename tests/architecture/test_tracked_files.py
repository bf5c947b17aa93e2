"""What the repository must not hold: traces of the machine that made it."""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import ROOT, tracked_files

# Written in parts, so that this file does not find itself.
REGISTRIES = re.compile(
    "|".join(
        (
            "py" + r"pi\.org",
            "python" + r"hosted\.org",
            "/sim" + "ple/",
            "registry" + r"\.npm",
        )
    )
)
MACHINE = re.compile(r"(?<![\w.$}-])/(" + "|".join(("work", "root", "home", "Users")) + r")/[\w.-]+")
MERGE = re.compile(r"^(<{7} |>{7} )", re.MULTILINE)
SECRETS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bAtzr\|[\w-]{40,}")


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (REGISTRIES, "names a package registry: lock files must install from any mirror"),
        (MACHINE, "names a folder of one machine"),
        (MERGE, "holds a merge conflict"),
        (SECRETS, "holds what looks like a credential"),
    ],
    ids=["registry", "machine", "conflict", "secret"],
)
def test_no_file_holds(pattern: re.Pattern[str], why: str) -> None:
    """All offending lines at once."""
    found = []
    for path in tracked_files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
            for match in pattern.finditer(text)
        ]
    assert not found, f"{why}:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRIES, "https://files.python" + "hosted.org/x"),
        (MACHINE, "see /wo" + "rk/main/x"),
        (MACHINE, '"/ro' + 'ot/.venv"'),
        (MERGE, "a\n" + "<" * 7 + " HEAD\n"),
        (SECRETS, "-----BEGIN PRIVATE " + "KEY-----"),
    ],
)
def test_the_patterns_find_what_they_mean(pattern: re.Pattern[str], text: str) -> None:
    """A pattern that finds nothing proves nothing."""
    assert pattern.search(text)


def test_nothing_generated_is_tracked() -> None:
    """Environments, data and caches stay out."""
    names = [str(path.relative_to(ROOT)) for path in tracked_files()]
    assert not [name for name in names if name.startswith((".venv/", "var/")) or "__pycache__" in name]
