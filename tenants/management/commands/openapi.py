"""Writes the API's description to docs/openapi.yaml, or checks that the committed one is fresh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

from config.lib.api.promises import broken, promises

FILE = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
PROMISES = FILE.with_name("openapi.promises.txt")


class Command(BaseCommand):
    """`manage.py openapi` writes, `--check` compares, `--promise` makes the present description binding.

    At a release its promises are written down (docs/openapi.promises.txt, see config.lib.api.promises); from
    then on --check fails on a description that breaks one. Only --force gives a promise up.
    """

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check, --promise and --force."""
        parser.add_argument("--check", action="store_true", help="fail unless fresh and true to its promises")
        parser.add_argument("--promise", action="store_true", help="promise what is described, for a release")
        parser.add_argument("--force", action="store_true", help="with --promise: give up what is broken")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare; any warning of the generator, or an invalid document, is an error."""
        document = description()
        present = promises(yaml.load(document, yaml.CSafeLoader))
        faults = broken(promised(), present)
        if faults and not (options["promise"] and options["force"]):
            self.stderr.write("promises broken:\n  " + "\n  ".join(faults))
            if options["check"] or options["promise"]:
                raise CommandError("within a version the API only grows; if it has to be: --promise --force")
        if options["check"]:
            if not FILE.exists() or FILE.read_bytes() != document:
                raise CommandError("docs/openapi.yaml is stale; run: python manage.py openapi")
            self.stdout.write("docs/openapi.yaml is fresh")
            return
        if options["promise"]:
            PROMISES.write_text("\n".join(present) + "\n", encoding="utf-8")
        FILE.write_bytes(document)
        self.stdout.write(f"wrote {FILE.name}, {len(document):,} bytes")


def promised() -> list[str]:
    """What earlier releases promised."""
    return PROMISES.read_text("utf-8").splitlines() if PROMISES.exists() else []


def description() -> bytes:
    """The OpenAPI document in YAML; CommandError when it is invalid or the generator had to guess."""
    GENERATOR_STATS.reset()
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    problems = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
    if problems:
        raise CommandError("the generator complains:\n  " + "\n  ".join(problems))
    validate_schema(schema)  # type: ignore[no-untyped-call]
    document: bytes = OpenApiYamlRenderer().render(schema, renderer_context={})  # type: ignore[no-untyped-call]
    return document
