"""Which texts the API tells its callers, and their translations: kept in config/locale, compiled beside.

Texts are found in the source, by what the HTTP edge translates: what `gettext` and its kin are given, titles
and remedies of errors, and every fixed detail that an error, a `FieldError` or a REST framework exception is
raised with. A text with values in it is translated where it is made, so it has to be marked there. Codes,
keys and names are never translated.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(__file__).with_name("locale")
#: Every language but the one the texts are written in, as the folder is called.
LOCALES = ("zh_Hans", "ja", "es")

_PACKAGES = ("config", "tenants", "connectors", "kpis", "pricing", "alerts")
# Told to operators on a terminal, or by programs that stand in for others: nobody reads them over HTTP.
_UNTOLD = frozenset({"management", "migrations", "simulator", "embedded", "demo"})
_MARKS = frozenset({"gettext", "gettext_lazy", "gettext_noop"})
_TOLD_ATTRIBUTES = frozenset({"title", "default_remedy"})
#: Raised with a text that reaches the caller: the position of that text.
_RAISED = {"FieldError": 1, "ValidationError": 0, "AuthenticationFailed": 0, "ParseError": 0}
# Of these packages only titles and remedies: their details are notes on a platform's answer, for operators.
_NOTES = frozenset({"platforms", "engine"})
#: Texts of REST framework that some of its own catalogues lack.
_BORROWED = frozenset(
    {
        "Datetime value out of range.",
        "Ensure this field has at least {min_length} elements.",
        "Ensure this field has no more than {max_length} elements.",
        "Invalid input.",
        "Must be a valid UUID.",
        "Must be a valid boolean.",
        "Not a valid string.",
        "Surrogate characters are not allowed: U+{code_point:X}.",
        "This dictionary may not be empty.",
    }
)


def source_texts() -> set[str]:
    """Every text that the product's code may tell a caller."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in _sources()}
    errors = _error_names(trees.values())
    found = set(_BORROWED)
    for path, tree in trees.items():
        raised = {} if _NOTES & set(path.parts) else {**_RAISED, **dict.fromkeys(errors, 0)}
        found.update(_texts(tree, errors, raised))
    return found - {""}


def catalogue(locale: str) -> Catalog:
    """The committed catalogue of a language."""
    with _file(locale, "po").open("rb") as file:
        return read_po(file, locale=locale, domain="django")


def untranslated(locale: str) -> list[str]:
    """Texts of the source without a translation, and entries of the catalogue that no source has any more."""
    done = {
        message.id for message in catalogue(locale) if message.id and message.string and not message.fuzzy
    }
    return sorted(source_texts() ^ {str(text) for text in done})


def update() -> dict[str, int]:
    """Bring the catalogues in line with the source and compile them; returns what is left to translate.

    Texts that are gone are dropped, new ones are added empty. Nothing is guessed from similar texts.
    """
    texts = sorted(source_texts())
    missing = {}
    for locale in LOCALES:
        old = catalogue(locale)
        new = Catalog(locale=locale, domain="django", header_comment=old.header_comment, fuzzy=False)
        new.mime_headers = old.mime_headers
        for text in texts:
            known = old.get(text)
            new.add(text, known.string if known and not known.fuzzy else "")
        _file(locale, "po").write_bytes(_written(new))
        with _file(locale, "mo").open("wb") as file:
            write_mo(file, new)
        missing[locale] = sum(1 for message in new if message.id and not message.string)
    return missing


def is_compiled(locale: str) -> bool:
    """Whether the binary form, which Django reads, says the same as the catalogue."""
    with _file(locale, "mo").open("rb") as file:
        return _pairs(read_mo(file)) == _pairs(catalogue(locale))


def _pairs(entries: Catalog) -> dict[object, object]:
    return {entry.id: entry.string for entry in entries if entry.id and entry.string}


def _written(new: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, new, width=100, no_location=True, sort_output=True)
    return buffer.getvalue()


def _file(locale: str, kind: str) -> Path:
    return FOLDER / locale / "LC_MESSAGES" / f"django.{kind}"


def _sources() -> Iterator[Path]:
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if _UNTOLD.isdisjoint(path.relative_to(ROOT).parts):
                yield path


def _error_names(trees: Iterable[ast.Module]) -> set[str]:
    """The names of AppError and all classes below it."""
    bases = {
        node.name: {_name(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    names = {"AppError"}
    while found := {name for name, above in bases.items() if above & names} - names:
        names |= found
    return names


def _texts(tree: ast.Module, errors: set[str], raised: dict[str, int]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in errors:
            yield from _attributes(node)
        elif isinstance(node, ast.Call):
            yield from _arguments(node, raised)


def _attributes(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        targets = (
            statement.targets
            if isinstance(statement, ast.Assign)
            else [statement.target]
            if isinstance(statement, ast.AnnAssign)
            else []
        )
        if _TOLD_ATTRIBUTES & {_name(target) for target in targets}:
            yield from _constants(getattr(statement, "value", None))


def _arguments(call: ast.Call, raised: dict[str, int]) -> Iterator[str]:
    name = _name(call.func)
    if name in _MARKS:
        yield from _constants(call.args[0] if call.args else None)
    elif name in raised:
        place = raised[name]
        yield from _constants(call.args[place] if len(call.args) > place else None)
        for keyword in call.keywords:
            if keyword.arg in ("detail", "remedy"):
                yield from _constants(keyword.value)


def _constants(node: ast.expr | None) -> Iterator[str]:
    """Fixed texts of an expression: itself, either way of a condition, or the values of a mapping."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _constants(value)


def _name(node: ast.expr) -> str:
    """The last part of a dotted name; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    return node.id if isinstance(node, ast.Name) else ""
