"""The SQL by which a staged page becomes facts, written once per table from its `TableSpec`. Text only.

Every statement expects the store's advisory lock to be held, so nobody else writes facts of the store
between the look at the stored rows and the write.
"""

# ruff: noqa: S608 - the names in the SQL are those of our own tables and record fields.

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from connectors.services.tables import TableSpec

# Control characters that no platform text holds; staging.py quotes the page if one ever does.
SEPARATOR = "\x1f"
QUOTE = "\x02"


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of one fact table; `sweep` is empty where pages never replace sets."""

    create: str
    copy: str
    sweep: str
    upsert: str
    drop: str


@cache
def statements_for(spec: TableSpec) -> Statements:
    """Return the statements of a table; they are the same for every client, which the search path names."""
    columns = ", ".join(spec.columns)
    return Statements(
        create=(
            f"CREATE TEMP TABLE {spec.stage} ON COMMIT DROP AS "
            f"SELECT {columns} FROM {spec.table} WITH NO DATA"
        ),
        copy=_copy(spec),
        sweep=_sweep(spec) if spec.replace_scope else "",
        upsert=_upsert(spec),
        drop=f"DROP TABLE {spec.stage}",
    )


def _copy(spec: TableSpec) -> str:
    # An empty field is NULL, except in text columns, where it is the empty text.
    texts = ", ".join(
        c for c in spec.columns if spec.model._meta.get_field(c).get_internal_type() == "CharField"
    )
    return (
        f"COPY {spec.stage} ({', '.join(spec.columns)}) FROM STDIN WITH (FORMAT csv, "
        f"DELIMITER '{SEPARATOR}', QUOTE '{QUOTE}', NULL '', FORCE_NOT_NULL ({texts}), ENCODING 'UTF8')"
    )


def _sweep(spec: TableSpec) -> str:
    """Sets that the page holds completely: an older page is dropped, lines a newer page lacks are deleted.

    The newest `source_updated_at` of a set wins. Two streams may describe the same order with different
    line numbers and the same instant; the greater line number then decides, so that the outcome does not
    depend on who came last.
    """
    scope, line = spec.replace_scope, spec.key[-1]
    is_text = spec.model._meta.get_field(line).get_internal_type() == "CharField"
    greatest = f'max({line} COLLATE "C")' if is_text else f"max({line})"
    days = ", ".join(f"f.{day}" for day in spec.days)
    return f"""
WITH theirs AS (
  SELECT {scope}, max(source_updated_at) AS version, {greatest} AS line
  FROM {spec.stage} WHERE {scope} = ANY(%(replaces)s) GROUP BY {scope}
), ours AS (
  SELECT {scope}, max(source_updated_at) AS version, {greatest} AS line
  FROM {spec.table} WHERE store_id = %(store_id)s AND {scope} IN (SELECT {scope} FROM theirs) GROUP BY {scope}
), outdated AS (
  DELETE FROM {spec.stage} s USING theirs t, ours o
  WHERE s.{scope} = t.{scope} AND t.{scope} = o.{scope} AND (o.version, o.line) > (t.version, t.line)
), gone AS (
  DELETE FROM {spec.table} f USING theirs t, ours o
  WHERE f.store_id = %(store_id)s AND f.{scope} = t.{scope} AND t.{scope} = o.{scope}
    AND (o.version, o.line) <= (t.version, t.line)
    AND NOT EXISTS (SELECT FROM {spec.stage} s WHERE s.{scope} = f.{scope} AND s.{line} = f.{line})
  RETURNING {days}
)
SELECT count(*), array_agg(DISTINCT {spec.days[0]}) FROM gone
"""


def _upsert(spec: TableSpec) -> str:
    """Newest version wins, an unchanged row is not touched; answers with the count and the days concerned.

    A row whose `source_updated_at` alone moved is rewritten, because an older version may still arrive
    and must lose against it, but no day becomes out of date by that.
    """
    key = ", ".join(spec.key)
    same = " AND ".join(f"f.{c} = i.{c}" for c in spec.key)
    differs = (
        f"({', '.join('i.' + c for c in spec.content)}) IS DISTINCT FROM "
        f"({', '.join('f.' + c for c in spec.content)})"
    )
    columns = [*spec.columns, *(["cohort_on"] if spec.has_cohort else [])]
    updates = [c for c in columns if c not in spec.key]
    assign = ", ".join(f"{c} = excluded.{c}" for c in ("run_id", "ingested_at", *updates))
    cohort, join = "", ""
    if spec.has_cohort:
        cohort = ", o.cohort_on"
        join = (
            "LEFT JOIN (SELECT platform_order_id, min(business_on) AS cohort_on FROM fact_order_line"
            f" WHERE store_id = %(store_id)s"
            f" AND platform_order_id IN (SELECT platform_order_id FROM {spec.stage})"
            " GROUP BY platform_order_id) o ON o.platform_order_id = i.platform_order_id"
        )
    old_days = "".join(f", f.{day} AS old_{day}" for day in spec.days)
    return f"""
WITH incoming AS (
  SELECT DISTINCT ON ({key}) * FROM {spec.stage} ORDER BY {key}, source_updated_at DESC, ctid DESC
), changed AS MATERIALIZED (
  SELECT i.*{cohort}{old_days}, f.id IS NULL OR {differs} AS matters
  FROM incoming i LEFT JOIN {spec.table} f ON f.store_id = %(store_id)s AND {same} {join}
  WHERE f.id IS NULL OR i.source_updated_at > f.source_updated_at
    OR (i.source_updated_at = f.source_updated_at AND {differs})
), written AS (
  INSERT INTO {spec.table} (store_id, run_id, ingested_at, {", ".join(columns)})
  SELECT %(store_id)s, %(run_id)s, %(now)s, {", ".join(columns)} FROM changed
  ON CONFLICT (store_id, {key}) DO UPDATE SET {assign}
  WHERE excluded.source_updated_at >= {spec.table}.source_updated_at
  RETURNING 1
)
SELECT (SELECT count(*) FROM written), (SELECT bool_or(matters) FROM changed), {_days(spec)}
"""


def _days(spec: TableSpec) -> str:
    if not spec.days:
        return "NULL::date[]"
    each = " UNION ".join(
        f"SELECT {column} FROM changed WHERE matters" for day in spec.days for column in (day, f"old_{day}")
    )
    return f"ARRAY(SELECT day FROM ({each}) AS every(day) WHERE day IS NOT NULL)"
