"""The rules of lint_rules.py find what they are meant to find, and the whole tree keeps them."""

from __future__ import annotations

import pytest

from tests.architecture.lint_rules import NAMES, Module, find
from tests.architecture.sources import ROOT, product_files

DOC = '"""A planted file."""\n'

PLANTED = [
    ("bare-shared-task", "kpis/tasks.py", "from celery import shared_task\n"),
    ("bare-shared-task", "kpis/tasks.py", "@app.task(name='x')\ndef roll(): ...\n"),
    ("direct-delay", "kpis/services/a.py", "roll_up.delay(3)\n"),
    ("direct-delay", "kpis/services/a.py", "app.tasks['kpis.roll'].apply_async()\n"),
    ("tenant-switch", "kpis/services/a.py", "with use_tenant(7): ...\n"),
    ("tenant-switch", "tenants/services/members.py", "connection.set_schema('t_1')\n"),
    ("get-model", "kpis/services/a.py", "apps.get_model('tenants', 'Client')\n"),
    ("float-money", "pricing/engine/a.py", "def fee(price: float): ...\n"),
    ("float-money", "pricing/engine/a.py", "unit_cost: float | None = None\n"),
    ("float-money", "pricing/engine/a.py", "x = float(line.gross_amount)\n"),
    ("float-money", "pricing/engine/a.py", "x = Decimal(0.1)\n"),
    ("float-money", "kpis/models/a.py", "value = models.FloatField()\n"),
    ("naive-now", "kpis/services/a.py", "from datetime import datetime\ndatetime.now(UTC)\n"),
    ("naive-now", "kpis/services/a.py", "from django.utils import timezone\ntimezone.now()\n"),
    ("naive-now", "kpis/services/a.py", "from django.utils.timezone import now\nnow()\n"),
    ("naive-now", "kpis/services/a.py", "import time\ntime.time()\n"),
    ("raw-http", "connectors/services/a.py", "import httpx\n"),
    ("raw-http", "connectors/services/a.py", "from urllib import request\n"),
    ("raw-http", "connectors/services/a.py", "def f():\n    from http.client import HTTPConnection\n"),
    ("response-dict", "kpis/api/views.py", "Response({'a': 1})\n"),
    ("response-dict", "kpis/api/views.py", "Response(data={'a': 1}, status=201)\n"),
    (
        "facts-write",
        "kpis/services/a.py",
        "from connectors.facts.orders import OrderLine\nOrderLine.objects.create(x=1)\n",
    ),
    (
        "facts-write",
        "kpis/services/a.py",
        "import connectors.facts as f\nf.OrderLine.objects.filter(x=1).delete()\n",
    ),
    ("facts-write", "kpis/services/a.py", "SQL = 'update connectors_orderline set x = 1'\n"),
    ("state-mutation", "alerts/services/evaluate.py", "alert.state = 'open'\n"),
    ("state-mutation", "alerts/services/evaluate.py", "from alerts.models import Alert\nAlert(rule_id=1)\n"),
    (
        "state-mutation",
        "alerts/services/work.py",
        "from alerts.models import Alert\nAlert.objects.filter(pk=1).delete()\n",
    ),
    ("state-mutation", "alerts/services/work.py", "SQL = 'update alerts_alert set version = 2'\n"),
    ("state-mutation", "pricing/services/recommend.py", "rows.filter(id=1).update(status='expired')\n"),
    ("state-mutation", "pricing/services/recommend.py", "rows.bulk_update(rows, ['state'])\n"),
    ("state-mutation", "pricing/services/recommend.py", "setattr(row, 'state', 'approved')\n"),
    (
        "state-mutation",
        "pricing/services/recommend.py",
        "SQL = 'update pricing_recommendation set version = 2'\n",
    ),
    ("fk-to-public", "kpis/models/a.py", "owner = models.ForeignKey('tenants.User', on_delete=1)\n"),
    ("fk-to-public", "kpis/models/a.py", "owner = models.ForeignKey(to=settings.AUTH_USER_MODEL)\n"),
    (
        "fk-to-public",
        "tenants/ledger/models/a.py",
        "from tenants.models import Client\nc = ForeignKey(Client)\n",
    ),
    ("lint-skip", "kpis/services/a.py", "roll.delay()  # lint-skip: direct-delay\n"),
    ("lint-skip", "kpis/services/a.py", "x = 1  # lint-skip: no-such-rule because\n"),
]

PERMITTED = [
    ("tenants/tasking.py", "app.tasks[name].apply_async()\n"),
    ("tenants/http.py", "with use_tenant(7): ...\n"),
    ("kpis/management/commands/a.py", "with use_tenant(7): ...\n"),
    ("config/lib/clock.py", "datetime.now(UTC)\n"),
    ("config/lib/http.py", "import httpx\n"),
    ("kpis/api/views.py", "Response(ScorecardSerializer(value).data)\n"),
    ("connectors/services/ingest.py", "SQL = 'insert into connectors_orderline select 1'\n"),
    (
        "kpis/services/a.py",
        "from connectors.facts.orders import OrderLine\nOrderLine.objects.filter(x=1).values()\n",
    ),
    ("alerts/services/transitions.py", "alert.state = 'open'\n"),
    (
        "alerts/services/work.py",
        "from alerts.models import Alert\nAlert.objects.filter(pk=1).update(action_id=3)\n",
    ),
    ("connectors/services/sync.py", "run.state = 'open'\n"),
    ("kpis/models/a.py", "store = models.ForeignKey('connectors.Store', on_delete=1)\n"),
    ("tenants/models/identity.py", "client = models.ForeignKey('tenants.Client', on_delete=1)\n"),
    ("kpis/engine/score.py", "weight: float = 1.0\n"),
    ("kpis/services/a.py", "import httpx  # lint-skip: raw-http asks this very process\n"),
]


@pytest.mark.parametrize(("rule", "path", "code"), PLANTED)
def test_a_planted_violation_is_found(rule: str, path: str, code: str) -> None:
    """Each rule catches each form it is about; nothing but that rule speaks."""
    assert {v.rule for v in find(Module.parse(path, DOC + code))} - {rule} <= {"direct-delay"}
    assert rule in {v.rule for v in find(Module.parse(path, DOC + code))}


@pytest.mark.parametrize(("path", "code"), PERMITTED)
def test_what_is_permitted_passes(path: str, code: str) -> None:
    """The places that may, and what merely looks alike."""
    assert find(Module.parse(path, DOC + code)) == []


def test_a_module_without_a_docstring_is_found() -> None:
    """An empty file needs none."""
    assert [v.rule for v in find(Module.parse("kpis/a.py", "x = 1\n"))] == ["module-docstring"]
    assert find(Module.parse("kpis/__init__.py", "")) == []


def test_every_rule_has_a_planted_violation() -> None:
    """A rule that was never seen to fail is no rule."""
    assert NAMES - {"module-docstring"} <= {rule for rule, _, _ in PLANTED}


def test_the_whole_tree_keeps_the_rules() -> None:
    """All violations at once."""
    modules = (Module.parse(str(p.relative_to(ROOT)), p.read_text("utf-8")) for p in product_files())
    violations = [str(violation) for module in modules for violation in find(module)]
    assert not violations, "\n" + "\n".join(violations)
