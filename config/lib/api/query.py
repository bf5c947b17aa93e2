"""What a query string may say: known parameters only, each once; sparse fields and sorting by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Self, cast

from django.utils.translation import gettext, gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request

from config.lib.api.pagination import DEFAULT_LIMIT, LARGEST_LIMIT
from config.lib.api.validation import query_errors
from config.lib.errors import BadRequest, FieldError

# REST framework also reads "+1", " 1 ", "1_0", "1.0" and digits of other scripts as whole numbers.
_WHOLE = re.compile(r"-?[0-9]+")


class QuerySerializer(serializers.Serializer[Any]):
    """The query parameters of an endpoint: declare them as fields, then call `read`.

    Give the class to `extend_schema(parameters=[…])`. Every field should say `required=False` or be meant so.
    """

    @classmethod
    def read(cls, request: Request, **kwargs: Any) -> dict[str, Any]:
        """Return the validated parameters.

        `BadRequest` (400) names every unknown parameter together with the known ones, every one that is
        given twice without being a list, and every value that cannot be read.
        """
        query = cls(data={}, **kwargs)
        faults = query._unknown(request) + query._repeated(request) or query._odd_numbers(request)
        if faults:
            raise BadRequest("The query string cannot be read.", errors=faults)
        # Only its fields say which values are lists, and copying them is most of the work: one serializer.
        query.initial_data = query._plain(request)
        if not query.is_valid():
            raise BadRequest("The query string cannot be read.", errors=query_errors(query.errors))
        return cast(dict[str, Any], query.validated_data)

    def _unknown(self, request: Request) -> list[FieldError]:
        known = ", ".join(sorted(self.fields)) or "–"
        detail = gettext("Unknown parameter; known are: {known}.").format(known=known)
        return [
            FieldError("", detail, "unknown_parameter", parameter=name)
            for name in request.query_params
            if name not in self.fields
        ]

    def _repeated(self, request: Request) -> list[FieldError]:
        return [
            FieldError("", "Given more than once.", "repeated_parameter", parameter=name)
            for name, values in request.query_params.lists()
            if len(values) > 1 and not _is_list(self.fields.get(name))
        ]

    def _odd_numbers(self, request: Request) -> list[FieldError]:
        faults = []
        for name, given in self._plain(request).items():
            field = getattr(self.fields[name], "child", self.fields[name])
            texts = given if isinstance(given, list) else [given]
            if isinstance(field, serializers.IntegerField) and not all(map(_WHOLE.fullmatch, texts)):
                faults.append(FieldError("", str(field.error_messages["invalid"]), "invalid", parameter=name))
        return faults

    def _plain(self, request: Request) -> dict[str, Any]:
        # REST framework reads a QueryDict as an HTML form, where a missing boolean is False.
        return {
            name: _split(values) if _is_list(self.fields[name]) else values[-1]
            for name, values in request.query_params.lists()
        }


def _is_list(field: Any) -> bool:
    return isinstance(field, serializers.ListField | serializers.MultipleChoiceField)


def _split(values: Iterable[str]) -> list[str]:
    return [part for value in values for part in value.split(",") if part]


class PageQuery(QuerySerializer):
    """The parameters of a paged list; `config.lib.api.pagination.paginate` reads them itself.

    `PageQuery.of(RowSerializer)` also offers `fields`, with the members of the row.
    """

    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_LIMIT,
        help_text=f"Rows on the page, {DEFAULT_LIMIT} unless told.",
    )
    cursor = serializers.CharField(
        required=False, max_length=4096, help_text="`page.next` or `page.prev` of an earlier answer."
    )
    count = serializers.ChoiceField(
        required=False, choices=["exact"], help_text="Also count the whole list (slow on long ones)."
    )

    @classmethod
    def of(cls, row: type[serializers.Serializer[Any]]) -> type[Self]:
        """This query for a list of such rows: `fields` chooses among their members."""
        # A serializer has an attribute of this name; its class takes declared fields out of the way.
        members = {"fields": FieldsField(row().fields), "__doc__": cls.__doc__, "__module__": cls.__module__}
        return cast(type[Self], serializers.SerializerMetaclass(cls.__name__, (cls,), members))


class FieldsField(serializers.CharField):
    """`fields=a,b`: which members to show; a tuple of names, unknown ones refused."""

    default_error_messages = {"unknown": gettext_lazy("There is no {names}; known are: {known}.")}

    def __init__(self, known: Iterable[str], **kwargs: Any) -> None:
        self.known = tuple(known)
        told = f"Members of each row to show, all unless told, separated by commas: {', '.join(self.known)}."
        kwargs.setdefault("help_text", told)
        super().__init__(**{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        """Read the names, each once, in the order given."""
        names = tuple(dict.fromkeys(part for part in str(data).split(",") if part))
        unknown = [name for name in names if name not in self.known]
        if unknown:
            self.fail("unknown", names=", ".join(unknown), known=", ".join(self.known))
        return names


class SortField(serializers.CharField):
    """`sort=-x,y`: an ordering in Django's words, ending in a unique column so that it can be paged.

    `columns` maps public names to columns; `last` is the unique column put behind them, descending when the
    first one does.
    """

    default_error_messages = {"unknown": gettext_lazy("Cannot be sorted by {names}; known are: {known}.")}

    def __init__(self, columns: Mapping[str, str], *, last: str = "id", **kwargs: Any) -> None:
        self.columns = dict(columns)
        self.last = last
        kwargs.setdefault("help_text", f"Order, separated by commas, - descends: {', '.join(self.columns)}.")
        super().__init__(**{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        """Read the ordering."""
        names = [part for part in str(data).split(",") if part]
        unknown = [name for name in names if name.removeprefix("-") not in self.columns]
        if unknown:
            self.fail("unknown", names=", ".join(unknown), known=", ".join(self.columns))
        ordering: dict[str, str] = {}
        for name in names:
            column = self.columns[name.removeprefix("-")]
            ordering.setdefault(column, f"-{column}" if name.startswith("-") else column)
        descends = bool(names) and names[0].startswith("-")
        ordering.setdefault(self.last, f"-{self.last}" if descends else self.last)
        return tuple(ordering.values())


def pick(row: Mapping[str, Any], fields: Iterable[str] | None) -> dict[str, Any]:
    """Return only the named members of a row, all of them for None; the row's own order is kept."""
    if fields is None:
        return dict(row)
    wanted = set(fields)
    return {name: value for name, value in row.items() if name in wanted}
