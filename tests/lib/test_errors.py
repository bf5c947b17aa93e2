"""Errors: every class is one code, and pure code may raise them without Django."""

from __future__ import annotations

import subprocess
import sys

import pytest

from config.lib import errors


def test_every_class_has_its_own_code_title_and_status() -> None:
    """No two classes share a code, and none is left without words."""
    found = errors.error_classes()
    for code, cls in found.items():
        assert cls.code == code
        assert cls.title
        assert 400 <= cls.status < 600
        assert cls.__doc__


def test_a_code_cannot_be_taken_twice() -> None:
    """A second class with the code of another one is refused when it is defined."""
    with pytest.raises(TypeError, match="already belongs"):
        type("Other", (errors.AppError,), {"code": "not_found", "__module__": "elsewhere"})


def test_the_hierarchy_in_the_docstring_is_the_real_one() -> None:
    """What the module docstring draws is what the classes say."""
    assert errors.__doc__ is not None
    for line in errors.__doc__.splitlines():
        parts = line.replace("├──", "").replace("└──", "").replace("│", "").split()
        if len(parts) > 2 and parts[1].isdigit():
            cls = getattr(errors, parts[0])
            assert (cls.status, cls.code) == (int(parts[1]), parts[2])


def test_details_default_to_the_title_and_remedies_to_the_class() -> None:
    """An error raised without words still says what it is and what to do."""
    error = errors.PreconditionFailed()
    assert error.detail == errors.PreconditionFailed.title
    assert "If-Match" in error.remedy
    assert error.permanent
    assert not errors.Unavailable("down").permanent
    assert errors.Unavailable("gone", permanent=True).permanent
    assert str(errors.NotFound("no store 3")) == "not_found: no store 3"


def test_pure_modules_pull_in_no_framework() -> None:
    """Money, rates, calendars and their errors load without Django, HTTP or Redis libraries."""
    code = (
        "import sys\n"
        "import config.lib.money, config.lib.fx, config.lib.clock, config.lib.calendars, config.lib.dated\n"
        "bad = {'django', 'rest_framework', 'celery', 'httpx', 'redis', 'psycopg'} & set(sys.modules)\n"
        "assert not bad, bad\n"
    )
    # `config` itself exports the Celery application; the kernel must not need it.
    stub = (
        "import sys, types\nsys.modules['config'] = m = types.ModuleType('config')\nm.__path__ = ['config']\n"
    )
    done = subprocess.run([sys.executable, "-c", stub + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
