"""The rules of this code base that no general linter knows, as checks on syntax trees.

A line may be excepted with a reason: `# lint-skip: <rule> <reason>`. A rule is a name, what to do instead,
the files it holds for, and a check that yields the offending nodes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_SKIP = re.compile(r"#\s*lint-skip:\s*(?P<rule>[a-z-]+)\s*(?P<reason>.*)")

_TENANT_SWITCHES = frozenset(
    {
        *("use_tenant", "use_public", "schema_context", "tenant_context"),
        *("set_schema", "set_schema_to_public", "set_tenant"),
    }
)
_CLOCKS = frozenset(
    {
        *("datetime.now", "datetime.utcnow", "datetime.today", "datetime.datetime.now", "date.today"),
        *("datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today", "time.time"),
        *("timezone.now", "timezone.localdate", "timezone.localtime"),
    }
)
_HTTP_MODULES = frozenset({"httpx", "requests", "urllib3", "aiohttp", "http.client", "urllib.request"})
_MONEY = re.compile(
    r"(^|_)(amount|price|cost|fee|fees|money|revenue|sales|spend|margin|tax|duty|discount|fx|total)s?($|_)"
)
_WRITES = frozenset(
    {
        *("create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update"),
        *("delete", "save", "acreate", "asave", "adelete", "aupdate"),
    }
)
_FACT_SQL = re.compile(
    r"\b(insert\s+into|update|delete\s+from|merge\s+into|copy|truncate(\s+table)?)\s+\"?connectors_", re.I
)
_STATE_SQL = re.compile(r"\bupdate\s+\"?(pricing_recommendation|alerts_alert)\"?\s", re.I)
_ALERT = frozenset({"alerts.models.Alert", "alerts.models.alerts.Alert"})
_RELATIONS = frozenset({"ForeignKey", "OneToOneField", "ManyToManyField"})


@dataclass(frozen=True, slots=True)
class Module:
    """A parsed file; `path` is relative to the repository."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, text: str) -> Module:
        """Parse a file's text."""
        return cls(path, text, ast.parse(text, path))

    def imported(self) -> dict[str, str]:
        """Local name → full dotted name of everything imported at any depth."""
        names: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names |= {(alias.asname or alias.name): alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names |= {(alias.asname or alias.name): f"{node.module}.{alias.name}" for alias in node.names}
        return names


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, what to do instead, where it does not hold, and its check."""

    name: str
    instead: str
    holds_for: Callable[[str], bool]
    check: Callable[[Module], Iterator[ast.AST]]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule broken at a line."""

    path: str
    line: int
    rule: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.instead}"


def find(module: Module) -> list[Violation]:
    """Every violation in a file, those with a reasoned exception left out."""
    lines = module.text.splitlines()
    found = []
    for rule in RULES:
        if not rule.holds_for(module.path):
            continue
        for node in rule.check(module):
            line = getattr(node, "lineno", 1)
            if not _is_excepted(lines, line, getattr(node, "end_lineno", line), rule.name):
                found.append(Violation(module.path, line, rule.name, rule.instead))
    for number, text in enumerate(lines, 1):
        skip = _SKIP.search(text)
        if skip and (skip["rule"] not in NAMES or not skip["reason"].strip()):
            found.append(
                Violation(module.path, number, "lint-skip", "name an existing rule and give a reason")
            )
    return found


def _is_excepted(lines: list[str], first: int, last: int | None, rule: str) -> bool:
    skips = (_SKIP.search(line) for line in lines[first - 1 : last or first])
    return any(skip and skip["rule"] == rule for skip in skips)


def _dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def _calls(module: Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))


def _last(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _bare_shared_task(module: Module) -> Iterator[ast.AST]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "celery":
            yield from (node for alias in node.names if alias.name == "shared_task")
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                target = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(target, ast.Attribute) and target.attr == "task":
                    yield decorator


def _direct_delay(module: Module) -> Iterator[ast.AST]:
    for call in _calls(module):
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"delay", "apply_async", "send_task"}:
            yield call


def _tenant_switch(module: Module) -> Iterator[ast.AST]:
    # People, memberships and keys live in the public schema, and tenants is the app that keeps them.
    own = {"use_public"} if module.path.startswith("tenants/") else set()
    for call in _calls(module):
        if _last(call.func) in _TENANT_SWITCHES - own:
            yield call


def _get_model(module: Module) -> Iterator[ast.AST]:
    yield from (call for call in _calls(module) if _last(call.func) == "get_model")


def _float_money(module: Module) -> Iterator[ast.AST]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            name = _last(node.func)
            arguments = [_last(part) for argument in node.args for part in ast.walk(argument)]
            if name == "FloatField" or (name == "float" and any(_MONEY.search(a) for a in arguments if a)):
                yield node
            if name in {"Decimal", "Money"} and any(
                isinstance(a, ast.Constant) and isinstance(a.value, float) for a in node.args
            ):
                yield node
        elif isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            name = node.arg if isinstance(node, ast.arg) else _last(node.target)
            is_float = any(_last(part) == "float" for part in ast.walk(node.annotation))
            if is_float and _MONEY.search(name):
                yield node


def _naive_now(module: Module) -> Iterator[ast.AST]:
    imported = module.imported()
    for call in _calls(module):
        name = _dotted(call.func)
        full = imported.get(name, "")
        if name in _CLOCKS or full in {"time.time", "django.utils.timezone.now"}:
            yield call


def _raw_http(module: Module) -> Iterator[ast.AST]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import) and any(alias.name in _HTTP_MODULES for alias in node.names):
            yield node
        elif isinstance(node, ast.ImportFrom) and node.module:
            full = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            if full & _HTTP_MODULES:
                yield node


def _response_dict(module: Module) -> Iterator[ast.AST]:
    for call in _calls(module):
        if _last(call.func) in {"Response", "JsonResponse"}:
            given = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "data")]
            if any(isinstance(value, ast.Dict | ast.DictComp) for value in given):
                yield call


def _facts_write(module: Module) -> Iterator[ast.AST]:
    facts = {local for local, full in module.imported().items() if full.startswith("connectors.facts")}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _WRITES:
            names = {part.id for part in ast.walk(node.func) if isinstance(part, ast.Name)}
            if names & facts:
                yield node
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _FACT_SQL.search(node.value):
            yield node


def _state_mutation(module: Module) -> Iterator[ast.AST]:
    for node in ast.walk(module.tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(t, ast.Attribute) and t.attr in {"state", "status"} for t in targets):
            yield node
        if isinstance(node, ast.Call) and _writes_state(node):
            yield node
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _STATE_SQL.search(node.value):
            yield node
    yield from _alert_rows(module)


def _alert_rows(module: Module) -> Iterator[ast.AST]:
    """`Alert(…)`, `Alert.objects.create(…)`, `….delete()`: an alert comes and goes by its life alone."""
    alerts = {name for name, full in module.imported().items() if full in _ALERT}
    for call in _calls(module):
        if _dotted(call.func) in alerts:
            yield call
        elif isinstance(call.func, ast.Attribute) and call.func.attr in _WRITES - {"update", "bulk_update"}:
            names = {part.id for part in ast.walk(call.func) if isinstance(part, ast.Name)}
            if names & alerts:
                yield call


def _writes_state(call: ast.Call) -> bool:
    """`rows.update(state=…)`, `rows.bulk_update(rows, ["state"])` and `setattr(row, "state", …)`."""
    name = _last(call.func)
    if name == "update":
        return any(keyword.arg in {"state", "status"} for keyword in call.keywords)
    if name not in {"bulk_update", "setattr"}:
        return False
    parts = [
        part for argument in [*call.args, *(k.value for k in call.keywords)] for part in ast.walk(argument)
    ]
    return any(isinstance(part, ast.Constant) and part.value in ("state", "status") for part in parts)


def _fk_to_public(module: Module) -> Iterator[ast.AST]:
    imported = module.imported()
    for call in _calls(module):
        if _last(call.func) not in _RELATIONS:
            continue
        targets = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "to")]
        for target in targets:
            text = target.value if isinstance(target, ast.Constant) else imported.get(_dotted(target), "")
            is_user = _dotted(target).endswith("AUTH_USER_MODEL")
            if is_user or str(text).startswith(("tenants.", "auth.")):
                yield call


def _module_docstring(module: Module) -> Iterator[ast.AST]:
    if module.tree.body and not ast.get_docstring(module.tree):
        yield module.tree


def _always(path: str) -> bool:
    return True


def _outside(*prefixes: str) -> Callable[[str], bool]:
    return lambda path: not path.startswith(prefixes)


def _may_not_switch(path: str) -> bool:
    """Only the edges choose whose data is touched: requests, tasks, provisioning, commands, health."""
    edges = (
        "tenants/context.py",
        "tenants/http.py",
        "tenants/tasking",
        "tenants/services/provisioning",
        "tenants/services/schema.py",
    )
    return not path.startswith((*edges, "tenants/db/", "config/health.py", "config/middleware.py")) and (
        "/management/" not in path
    )


RULES = (
    Rule(
        "bare-shared-task",
        "declare tasks with tenant_task, system_task or job_task of tenants.tasking",
        _outside("tenants/tasking"),
        _bare_shared_task,
    ),
    Rule(
        "direct-delay",
        "enqueue by name, after commit: tenants.tasking.enqueue",
        _outside("tenants/tasking", "tenants/messages.py"),
        _direct_delay,
    ),
    Rule(
        "tenant-switch",
        "let the edge choose the client: views and tasks have it",
        _may_not_switch,
        _tenant_switch,
    ),
    Rule("get-model", "import the model; apps are layered", _always, _get_model),
    Rule("float-money", "use Decimal (config.lib.money)", _always, _float_money),
    Rule("naive-now", "ask config.lib.clock", _outside("config/lib/clock.py"), _naive_now),
    Rule(
        "raw-http",
        "send through config.lib.http, which only reads",
        _outside("config/lib/http.py", "config/lib/transport.py"),
        _raw_http,
    ),
    Rule(
        "response-dict",
        "answer with a serializer, so that the description holds",
        lambda p: "/api/" in p and not p.startswith("config/lib/"),
        _response_dict,
    ),
    Rule("facts-write", "facts are written by connectors alone", _outside("connectors/"), _facts_write),
    Rule(
        "state-mutation",
        "change the state in services/transitions.py",
        lambda p: p.startswith(("alerts/", "pricing/")) and not p.endswith("services/transitions.py"),
        _state_mutation,
    ),
    Rule(
        "fk-to-public",
        "store the id: client schemas must stay movable",
        lambda p: p.startswith(("connectors/", "kpis/", "pricing/", "alerts/", "tenants/ledger/")),
        _fk_to_public,
    ),
    Rule("module-docstring", "say in a line what the file answers", _always, _module_docstring),
)
NAMES = frozenset(rule.name for rule in RULES)
