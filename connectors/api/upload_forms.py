"""The form of what the uploads' endpoints take and answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.times import DayField
from connectors.platforms.csv_upload.reading.encodings import ENCODINGS

MODES = ("dry_run", "whole", "partial")
STATES = ("received", "checked", "taken", "taken_in_part", "rejected")
_DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|"}


class LookQuery(QuerySerializer):
    """Which file to look at, and how to read it. What is left out is found out."""

    dataset = serializers.CharField(required=False, max_length=48)
    store = serializers.IntegerField(required=False, min_value=1)
    profile = serializers.CharField(required=False, max_length=48, help_text="A layout of `upload-profiles`.")
    encoding = serializers.ChoiceField(choices=ENCODINGS, required=False)
    delimiter = serializers.ChoiceField(choices=tuple(_DELIMITERS), required=False)
    sheet = serializers.CharField(required=False, max_length=200, help_text="Of a workbook.")
    day = DayField(
        required=False,
        help_text="The shop day of every row, where the file has no column for it.",
    )

    def validate_delimiter(self, value: str) -> str:
        """The character that is meant."""
        return _DELIMITERS.get(value, value)


class TakeQuery(LookQuery):
    """How to take a file."""

    dataset = serializers.CharField(max_length=48, help_text="A key of `upload-datasets`.")
    mode = serializers.ChoiceField(
        choices=MODES,
        required=False,
        default="whole",
        help_text="`whole`: one fault keeps the file out; `partial`: good rows are taken, the others told; "
        "`dry_run`: nothing is written.",
    )
    filename = serializers.CharField(required=False, max_length=200, default="upload")
    covered_from = DayField(required=False)
    covered_through = DayField(
        required=False,
        help_text="The file knows these days completely, quiet ones too; else first to last row.",
    )


class UploadsQuery(PageQuery):
    """Which uploads to list."""

    dataset = serializers.CharField(required=False, max_length=48)
    store = serializers.IntegerField(required=False, min_value=1)
    state = serializers.ChoiceField(choices=STATES, required=False)


class DueQuery(QuerySerializer):
    """Of which store to list what is due."""

    store = serializers.IntegerField(required=False, min_value=1)
    all = serializers.BooleanField(required=False, default=False, help_text="Also what is not due yet.")


class ProfilesQuery(QuerySerializer):
    """Which layouts to list."""

    dataset = serializers.CharField(required=False, max_length=48)


class UploadProblemSerializer(serializers.Serializer[Any]):
    """Why a file could not be read."""

    code = serializers.CharField()
    title = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)


class UploadedFileSerializer(serializers.Serializer[Any]):
    """A file that was handed in. Row counts leave the header out; after a dry run, or where a file was
    rejected, they tell what would have changed."""

    id = serializers.IntegerField()
    dataset = serializers.CharField()
    store_id = serializers.IntegerField(allow_null=True)
    profile = serializers.CharField()
    profile_version = serializers.IntegerField()
    mode = serializers.ChoiceField(choices=MODES)
    state = serializers.ChoiceField(choices=STATES)
    filename = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    encoding = serializers.CharField(allow_blank=True)
    encoding_confidence = DecimalString(
        allow_null=True, max_decimals=2, help_text="How sure the encoding is, 0 to 1."
    )
    covered_from = serializers.DateField(allow_null=True)
    covered_through = serializers.DateField(allow_null=True, help_text="Last day that is now known.")
    job_id = serializers.IntegerField(allow_null=True)
    run_id = serializers.IntegerField(allow_null=True, help_text="The run that the facts name as theirs.")
    rows_read = serializers.IntegerField()
    rows_inserted = serializers.IntegerField()
    rows_changed = serializers.IntegerField()
    rows_unchanged = serializers.IntegerField()
    rows_duplicate = serializers.IntegerField(help_text="The same row twice in the file.")
    rows_rejected = serializers.IntegerField()
    rows_removed = serializers.IntegerField(help_text="Lines of an order that the file has no more.")
    faults = serializers.IntegerField(help_text="How many things are wrong; see `faults`.")
    days = serializers.ListField(
        child=serializers.DateField(), help_text="Shop days whose figures it changes."
    )
    ignored = serializers.ListField(child=serializers.CharField(), help_text="Columns that were not read.")
    problem = UploadProblemSerializer(allow_null=True)
    received_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class UploadFaultSerializer(serializers.Serializer[Any]):
    """One thing wrong in a file. What stood in the cell is not repeated: it may be somebody's name."""

    id = serializers.IntegerField()
    row = serializers.IntegerField(help_text="Line of the file, the first is 1; 0: the file as a whole.")
    column = serializers.CharField(allow_blank=True, help_text="As the file names it.")
    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class UploadPreviewFaultSerializer(serializers.Serializer[Any]):
    """One thing wrong in the first rows."""

    row = serializers.IntegerField()
    column = serializers.CharField(allow_blank=True)
    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class UploadGuessSerializer(serializers.Serializer[Any]):
    """A layout that the file may have."""

    profile = serializers.CharField()
    dataset = serializers.CharField()
    confidence = DecimalString(max_decimals=2, help_text="0 to 1.")
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Required fields without column."
    )


class UploadPreviewRowSerializer(serializers.Serializer[Any]):
    """A row as it was understood; buyers appear as their hash."""

    row = serializers.IntegerField()
    values = serializers.DictField(child=serializers.JSONField())


class UploadPreviewSerializer(serializers.Serializer[Any]):
    """What a file looks like before it is taken."""

    encoding = serializers.CharField(help_text="`xlsx` for a workbook.")
    confidence = DecimalString(max_decimals=2, help_text="How sure the encoding is, 0 to 1.")
    delimiter = serializers.CharField(allow_blank=True, trim_whitespace=False)
    header = serializers.ListField(child=serializers.CharField(allow_blank=True))
    guesses = UploadGuessSerializer(many=True)
    profile = serializers.CharField(allow_blank=True, help_text="The layout the rows were read by.")
    dataset = serializers.CharField(allow_blank=True)
    rows = UploadPreviewRowSerializer(many=True)
    faults = UploadPreviewFaultSerializer(many=True)
    ignored = serializers.ListField(child=serializers.CharField())
    dropped = serializers.ListField(
        child=serializers.CharField(), help_text="Columns known to hold somebody's data; never read."
    )


class UploadFieldSerializer(serializers.Serializer[Any]):
    """One field of a dataset."""

    name = serializers.CharField()
    kind = serializers.CharField()
    meaning = serializers.CharField()
    example = serializers.CharField(allow_blank=True)
    required = serializers.BooleanField()  # type: ignore[assignment]
    unit = serializers.CharField(allow_blank=True)
    choices = serializers.ListField(child=serializers.CharField())


class UploadDatasetSerializer(serializers.Serializer[Any]):
    """One kind of table that can be handed in. `template` is the header of our own layout."""

    key = serializers.CharField()
    title = serializers.CharField()
    needs_store = serializers.BooleanField()
    natural_key = serializers.ListField(child=serializers.CharField())
    streams = serializers.ListField(child=serializers.CharField(), help_text="What KPIs call it.")
    stale_after_days = serializers.IntegerField(help_text="Where no plan says otherwise.")
    template = serializers.CharField()
    fields = UploadFieldSerializer(many=True)  # type: ignore[assignment]


class UploadDatasetsSerializer(serializers.Serializer[Any]):
    """Every dataset."""

    data = UploadDatasetSerializer(many=True)  # type: ignore[assignment]


class UploadColumnInput(serializers.Serializer[Any]):
    """Where a field comes from."""

    names = serializers.ListField(child=serializers.CharField(max_length=200), allow_empty=False)
    scale = DecimalString(required=False, help_text="0.01 makes a fraction of percents, -1 turns the sign.")
    absolute = serializers.BooleanField(required=False, default=False)


class UploadLayoutSerializer(serializers.Serializer[Any]):
    """How a file is laid out and written."""

    columns = serializers.DictField(child=UploadColumnInput(), help_text="By field of the dataset.")
    constants = serializers.DictField(child=serializers.CharField(max_length=200), required=False)
    words = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(max_length=200)),
        required=False,
        help_text="What the file's words mean, by field; * stands for all others.",
    )
    carry = serializers.ListField(
        child=serializers.CharField(max_length=48),
        required=False,
        help_text="Fields that an empty cell has from the row above.",
    )
    carry_within = serializers.CharField(required=False, allow_blank=True, max_length=48)
    skip_without = serializers.ListField(
        child=serializers.CharField(max_length=48),
        required=False,
        help_text="Rows without one of these are passed over.",
    )
    personal = serializers.ListField(child=serializers.CharField(max_length=200), required=False)
    decimals = serializers.CharField(required=False, help_text="point, comma or space")
    days = serializers.CharField(required=False, help_text="ymd, mdy, dmy or epoch")
    time_zone = serializers.CharField(required=False, help_text="shop, or an IANA zone")
    encoding = serializers.CharField(required=False, allow_blank=True)
    delimiter = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    sheet = serializers.CharField(required=False, allow_blank=True, max_length=200)


class UploadProfileInput(serializers.Serializer[Any]):
    """A layout to save."""

    title = serializers.CharField(max_length=120)
    dataset = serializers.CharField(max_length=48)
    layout = UploadLayoutSerializer()
    is_archived = serializers.BooleanField(required=False, default=False)


class UploadProfileSerializer(serializers.Serializer[Any]):
    """A layout. `verified` is false where the headers were never checked against a real file."""

    key = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    dataset = serializers.CharField()
    platform = serializers.CharField(allow_blank=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    is_own = serializers.BooleanField(help_text="Saved by the client; the others are built in.")
    verified = serializers.BooleanField()
    layout = UploadLayoutSerializer()


class UploadProfilesSerializer(serializers.Serializer[Any]):
    """Every layout."""

    data = UploadProfileSerializer(many=True)  # type: ignore[assignment]


class UploadPlanInput(serializers.Serializer[Any]):
    """How often a dataset is handed in."""

    cadence_days = serializers.IntegerField(min_value=1, max_value=366)
    grace_days = serializers.IntegerField(min_value=0, max_value=60, required=False, default=1)
    first_due_on = DayField()
    owner = serializers.CharField(max_length=150, required=False, default="", allow_blank=True)
    is_active = serializers.BooleanField(required=False, default=True)


class UploadPlanSerializer(serializers.Serializer[Any]):
    """A plan: what is handed in how often, and by whom."""

    store_id = serializers.IntegerField()
    dataset = serializers.CharField()
    cadence_days = serializers.IntegerField()
    grace_days = serializers.IntegerField()
    first_due_on = serializers.DateField()
    owner = serializers.CharField(allow_blank=True)
    is_active = serializers.BooleanField()
    version = serializers.IntegerField(help_text="The ETag is made of it.")
    updated_at = serializers.DateTimeField()


class UploadPlansSerializer(serializers.Serializer[Any]):
    """The plans of a store."""

    data = UploadPlanSerializer(many=True)  # type: ignore[assignment]


class DueUploadSerializer(serializers.Serializer[Any]):
    """A plan as it stands today."""

    store_id = serializers.IntegerField()
    dataset = serializers.CharField()
    owner = serializers.CharField(allow_blank=True)
    covered_through = serializers.DateField(allow_null=True)
    due_on = serializers.DateField()
    is_due = serializers.BooleanField()
    overdue_days = serializers.IntegerField(help_text="Beyond the grace; above 0 the data counts as stale.")


class DueUploadsSerializer(serializers.Serializer[Any]):
    """What is due, the longest due first."""

    data = DueUploadSerializer(many=True)  # type: ignore[assignment]
