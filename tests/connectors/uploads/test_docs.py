"""Is the committed reference of datasets what the code describes?"""

from __future__ import annotations

from connectors.management.commands.upload_docs import DOCUMENT
from connectors.selectors.upload_document import render_document


def test_the_reference_is_up_to_date() -> None:
    """If not: python manage.py upload_docs."""
    assert DOCUMENT.read_text(encoding="utf-8") == render_document()
