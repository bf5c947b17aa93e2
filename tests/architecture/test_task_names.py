"""Names that are only text at one end: task names in tables, event types in calls of emit."""

from __future__ import annotations

import ast
import importlib
from operator import attrgetter
from pathlib import Path

from config.celery import QUEUES, app
from config.pipeline import PIPELINE
from config.schedule import BEAT
from tests.architecture.sources import ROOT, product_files


def own_tasks() -> dict[str, str]:
    """Name → queue of every registered task of the product."""
    return {
        name: str(getattr(task, "work_queue", None))
        for name, task in app.tasks.items()
        if not name.startswith(("celery.", "tests."))
    }


def emitted() -> dict[str, str]:
    """Event type → file of every `emit(type, …)`, whether the type is a text or a constant's name."""
    found = {}
    for path in product_files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and getattr(node.func, "id", "") == "emit":
                kind = value_of(node.args[0], path)
                found[kind] = str(path.relative_to(ROOT))
    return found


def value_of(node: ast.expr, path: Path) -> str:
    """The text that an expression of a module stands for."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return str(attrgetter(ast.unparse(node))(module))


def test_every_handler_of_the_pipeline_is_a_task() -> None:
    """A misspelt handler would lose news silently."""
    handlers = {name for names in PIPELINE.values() for name in names}
    assert handlers <= set(own_tasks())


def test_every_task_is_sent_to_its_own_queue() -> None:
    """The router reads the declaration: a sync never waits behind a notification."""
    for name, queue in own_tasks().items():
        assert app.amqp.router.route({}, name)["queue"].name == queue


def test_every_entry_of_the_schedule_is_a_task() -> None:
    """A misspelt entry would never run."""
    assert {entry["task"] for entry in BEAT.values()} <= set(own_tasks())


def test_every_emitted_event_is_a_line_of_the_pipeline() -> None:
    """The page that shows the flow shows all of it."""
    unknown = {kind: path for kind, path in emitted().items() if kind not in PIPELINE}
    assert not unknown


def test_every_task_is_named_after_its_app_and_has_a_queue() -> None:
    """`<app>.<function>`, on one of the queues that a worker serves."""
    for name, queue in own_tasks().items():
        assert name.split(".")[0] in {"tenants", "connectors", "kpis", "pricing", "alerts"}, name
        assert queue in QUEUES, name
