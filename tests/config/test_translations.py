"""The catalogues: complete, without leftovers, with their placeholders, and compiled as committed."""

from __future__ import annotations

import ast
import re

import pytest

from config import translations

LOCALES = pytest.mark.parametrize("locale", translations.LOCALES)
_PLACEHOLDER = re.compile(r"\{\w*(?::\w+)?\}|`[^`]+`|https?://\S+")


@LOCALES
def test_every_text_is_translated(locale: str) -> None:
    """And nothing else is kept; if not: python manage.py translations."""
    assert translations.untranslated(locale) == []


@LOCALES
def test_the_compiled_catalogue_is_fresh(locale: str) -> None:
    """Django reads the binary form, which needs no tool at installation."""
    assert translations.is_compiled(locale)


@LOCALES
def test_placeholders_and_quoted_names_survive(locale: str) -> None:
    """A translation with another placeholder would fail when the text is formatted."""
    for entry in translations.catalogue(locale):
        if entry.id:
            assert sorted(_PLACEHOLDER.findall(entry.string)) == sorted(_PLACEHOLDER.findall(entry.id))


@LOCALES
def test_sentences_end_as_sentences(locale: str) -> None:
    """A title has no full stop, a sentence has one: as in the original."""
    for entry in translations.catalogue(locale):
        if entry.id:
            assert entry.string.endswith((".", "。")) == entry.id.endswith("."), entry.string


def test_texts_are_found_where_they_are_raised() -> None:
    """Titles, remedies, fixed details, faults of fields and marked texts; no codes, no notes."""
    source = """
class Odd(Conflict):
    code = "odd"
    title = "Odd title"
    default_remedy = gettext_noop("Odd remedy.")

def act():
    raise Odd("Odd detail.", remedy="Do it.", errors=[FieldError("/a", "Odd fault.", "odd_code")])
    raise serializers.ValidationError({"to": "Odd value."}, "odd_code")
    raise Odd("One." if x else "Other.")
    raise Odd(gettext("Marked {value}.").format(value=1))
    raise KeyError("no text")
    raise Odd(f"not {fixed}")
"""
    tree = ast.parse("class Conflict(AppError): pass\n" + source)
    names = translations._error_names([tree])
    raised = {**translations._RAISED, **dict.fromkeys(names, 0)}
    assert set(translations._texts(tree, names, raised)) == {
        *("Odd title", "Odd remedy.", "Odd detail.", "Do it.", "Odd fault.", "Odd value.", "One.", "Other."),
        "Marked {value}.",
    }
