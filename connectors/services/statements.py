"""The SQL by which a staged page becomes facts, written once per table from its `TableSpec`. Text only.

Every statement expects the store's advisory lock to be held, so nobody else writes facts of the store
between the look at the stored rows and the write.

What is newest. Where the platform names the time of a change, the newest `source_updated_at` wins, and a row
whose time alone moved is rewritten: an older version may still arrive by another stream and must lose. Of
an observed table (`TableSpec.is_observed`) the time is when we asked, so every look would rewrite every row.
There a row keeps the time its content was first seen by the stream that wrote it, and the stream's later
looks at the same are not written. The newest content still wins:
* Of one stream no look can come late. Its runs follow each other (one unfinished job per stream), a run's
  pages come in the order in which they were asked for, and whoever lost the job's lease cannot commit.
* A look by another stream is written even if it moves the time alone, so what speaks from a later moment
  takes the row over. Only stock has two streams: the ledger speaks from the day's end or later, and whatever
  the summaries saw on that day is older than that.
"""

# ruff: noqa: S608 - the names in the SQL are those of our own tables and record fields.

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from connectors.models import SyncRun
from connectors.services.tables import TableSpec

# A control character that no platform identifier holds.
SEPARATOR = "\x1f"
# Without quotes; a text "null" has them.
NULL = "null"
# The runs of the page's own stream.
_OWN_RUNS = f"SELECT id FROM {SyncRun._meta.db_table} WHERE store_id = %(store_id)s AND stream = %(stream)s"
# What `append` expects in front of a record's own columns.
APPENDED = ("store_id", "run_id", "ingested_at")


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of one fact table; `known`, `append` and `sweep` are empty where pages replace no sets.

    `known` counts the stored lines of the page's sets: a backfill's are all new, and `append` copies them
    into the fact table without staging them. Of a staged page `probe` tells what is known already, so that
    the other usual cases, all new and nothing new, take the short way: `insert`, or nothing at all. `upsert`
    does the rest.
    """

    known: str
    append: str
    create: str
    copy: str
    probe: str
    sweep: str
    insert: str
    upsert: str
    drop: str


@cache
def statements_for(spec: TableSpec) -> Statements:
    """Return the statements of a table; they are the same for every client, which the search path names."""
    columns = ", ".join(spec.columns)
    has_sets = bool(spec.replace_scope) and not spec.has_cohort
    return Statements(
        known=_known(spec) if has_sets else "",
        append=_copy(spec, spec.table, APPENDED) if has_sets else "",
        create=(
            f"CREATE TEMP TABLE {spec.stage} ON COMMIT DROP AS "
            f"SELECT {columns} FROM {spec.table} WITH NO DATA"
        ),
        copy=_copy(spec, spec.stage),
        probe=_probe_sets(spec) if spec.replace_scope else _probe(spec),
        sweep=_sweep(spec) if spec.replace_scope else "",
        insert=_insert(spec),
        upsert=_upsert(spec),
        drop=f"DROP TABLE {spec.stage}",
    )


def _known(spec: TableSpec) -> str:
    # OFFSET 0 keeps the look-up by set: without statistics, as at the start of a backfill, PostgreSQL would
    # read the whole store instead.
    return (
        f"SELECT count(*) FROM unnest({sets_in('%(sets)s')}) AS s(name), LATERAL (SELECT FROM {spec.table} f "
        f"WHERE f.store_id = %(store_id)s AND f.{spec.replace_scope} = s.name OFFSET 0) known"
    )


def sets_in(text: str) -> str:
    """The array of what `Batch.sets` joins into one text, which is much quicker to send than an array."""
    return f"string_to_array({text}, '{SEPARATOR}')"


def _copy(spec: TableSpec, table: str, first: tuple[str, ...] = ()) -> str:
    return (
        f"COPY {table} ({', '.join((*first, *spec.columns))}) FROM STDIN "
        f"WITH (FORMAT csv, NULL '{NULL}', ENCODING 'UTF8')"
    )


def _probe(spec: TableSpec) -> str:
    """How many staged rows are known, how many would change nothing, and 0: no set is replaced."""
    return f"""
SELECT count(f.id), count(f.id) FILTER (WHERE {_idle(spec)}), 0
FROM {spec.stage} i LEFT JOIN {spec.table} f ON f.store_id = %(store_id)s AND {_same_key(spec)}
"""


def _probe_sets(spec: TableSpec) -> str:
    """The same, and how many stored lines of the page's sets are newer than the page, or not in it.

    As in `_known`, OFFSET 0 has every set looked up in the index.
    """
    scope, line = spec.replace_scope, spec.key[-1]
    return f"""
SELECT count(f.id), count(f.id) FILTER (WHERE i.{line} IS NOT NULL AND {_idle(spec)}),
  count(f.id) FILTER (WHERE (i.{line} IS NULL OR f.source_updated_at > i.source_updated_at)
    AND f.{scope} = ANY(%(replaces)s))
FROM {spec.stage} i FULL JOIN (
  SELECT stored.* FROM (SELECT DISTINCT {scope} FROM {spec.stage}) s, LATERAL (
    SELECT * FROM {spec.table} WHERE store_id = %(store_id)s AND {scope} = s.{scope} OFFSET 0
  ) stored
) f ON {_same_key(spec)}
"""


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


def _insert(spec: TableSpec) -> str:
    """A page of which nothing is known, and no row twice."""
    cohort, join = _cohort(spec)
    columns = ", ".join(spec.columns)
    own = ", ".join(f"i.{column}" for column in spec.columns)
    return f"""
WITH written AS (
  INSERT INTO {spec.table} (store_id, run_id, ingested_at, {columns}{", cohort_on" if cohort else ""})
  SELECT %(store_id)s, %(run_id)s, %(now)s, {own}{cohort} FROM {spec.stage} i {join}
  RETURNING {", ".join(spec.days) or "1"}
)
SELECT count(*), count(*) > 0, {_written_days(spec)} FROM written
"""


def _upsert(spec: TableSpec) -> str:
    """Newest version wins, an unchanged row is not touched; answers with the count and the days concerned.

    No day becomes out of date by a row whose `source_updated_at` alone moved.
    """
    key = ", ".join(spec.key)
    differs = f"({_content('i', spec)}) IS DISTINCT FROM ({_content('f', spec)})"
    cohort, join = _cohort(spec)
    columns = [*spec.columns, *(["cohort_on"] if cohort else [])]
    updates = [c for c in columns if c not in spec.key]
    assign = ", ".join(f"{c} = excluded.{c}" for c in ("run_id", "ingested_at", *updates))
    old_days = "".join(f", f.{day} AS old_{day}" for day in spec.days)
    return f"""
WITH incoming AS (
  SELECT DISTINCT ON ({key}) * FROM {spec.stage} ORDER BY {key}, source_updated_at DESC, ctid DESC
), changed AS MATERIALIZED (
  SELECT i.*{cohort}{old_days}, f.id IS NULL OR {differs} AS matters
  FROM incoming i LEFT JOIN {spec.table} f ON f.store_id = %(store_id)s AND {_same_key(spec)} {join}
  WHERE f.id IS NULL OR NOT {_idle(spec)}
), written AS (
  INSERT INTO {spec.table} (store_id, run_id, ingested_at, {", ".join(columns)})
  SELECT %(store_id)s, %(run_id)s, %(now)s, {", ".join(columns)} FROM changed
  ON CONFLICT (store_id, {key}) DO UPDATE SET {assign}
  WHERE excluded.source_updated_at >= {spec.table}.source_updated_at
  RETURNING 1
)
SELECT (SELECT count(*) FROM written), (SELECT bool_or(matters) FROM changed), {_days(spec)}
"""


def _same_key(spec: TableSpec) -> str:
    return " AND ".join(f"f.{column} = i.{column}" for column in spec.key)


def _content(alias: str, spec: TableSpec) -> str:
    return ", ".join(f"{alias}.{column}" for column in spec.content)


def _idle(spec: TableSpec) -> str:
    """The stored row is newer than the staged one, or says the same."""
    same_time = "f.source_updated_at = i.source_updated_at"
    if spec.is_observed:
        same_time = f"({same_time} OR f.run_id IN ({_OWN_RUNS}))"
    return (
        f"(f.source_updated_at > i.source_updated_at OR ({same_time} AND "
        f"({_content('i', spec)}) IS NOT DISTINCT FROM ({_content('f', spec)})))"
    )


def _cohort(spec: TableSpec) -> tuple[str, str]:
    """The column and the join that find the order's day among the order lines, where a table has one."""
    if not spec.has_cohort:
        return "", ""
    return ", o.cohort_on", (
        "LEFT JOIN (SELECT platform_order_id, min(business_on) AS cohort_on FROM fact_order_line"
        " WHERE store_id = %(store_id)s"
        f" AND platform_order_id IN (SELECT platform_order_id FROM {spec.stage})"
        " GROUP BY platform_order_id) o ON o.platform_order_id = i.platform_order_id"
    )


def _written_days(spec: TableSpec) -> str:
    if not spec.days:
        return "NULL::date[]"
    return " || ".join(f"array_agg(DISTINCT {day}) FILTER (WHERE {day} IS NOT NULL)" for day in spec.days)


def _days(spec: TableSpec) -> str:
    if not spec.days:
        return "NULL::date[]"
    each = " UNION ".join(
        f"SELECT {column} FROM changed WHERE matters" for day in spec.days for column in (day, f"old_{day}")
    )
    return f"ARRAY(SELECT day FROM ({each}) AS every(day) WHERE day IS NOT NULL)"
