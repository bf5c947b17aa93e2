"""Writes the API's description to docs/openapi.yaml, or checks that the committed one is fresh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

FILE = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"


class Command(BaseCommand):
    """`manage.py openapi` writes, `manage.py openapi --check` compares."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="fail unless the committed file is fresh")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare; any warning of the generator, or an invalid document, is an error."""
        document = description()
        if options["check"]:
            if not FILE.exists() or FILE.read_bytes() != document:
                raise CommandError("docs/openapi.yaml is stale; run: python manage.py openapi")
            self.stdout.write("docs/openapi.yaml is fresh")
            return
        FILE.write_bytes(document)
        self.stdout.write(f"wrote {FILE.name}, {len(document):,} bytes")


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
