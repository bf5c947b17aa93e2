"""The binder of a warning: everything that happened and every piece of evidence, sealed by one hash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.engine.poa import digest, to_markdown
from alerts.selectors.health import Row, get_warning, list_plans, list_steps
from config.lib.api.renderer import dumps

_LEFT_OUT = ("hours_left", "is_frozen")


def make_binder(warning_id: int) -> Row:
    """Return the warning, its history and all versions of its plan; `sha256` is over all of that.

    The message itself is named by its hash and not in here, for it is the platform's and may hold buyers'
    data; `NotFound` for an unknown warning.
    """
    shown = {name: value for name, value in get_warning(warning_id).items() if name not in _LEFT_OUT}
    # Named as the API names it, so that the hash can be computed from its answer.
    warning = {"reading" if name == "fields" else name: value for name, value in shown.items()}
    body: Row = {"warning": warning, "history": list_steps(warning_id), "plans": list_plans(warning_id)}
    return {**body, "sha256": digest(_plain(body))}


def write_binder(warning_id: int) -> str:
    """Return the same as a Markdown document; of the plans only the latest version in full."""
    binder = make_binder(warning_id)
    warning = _plain(binder["warning"])
    shown = (
        *("platform", "kind", "severity", "reference", "received_at", "deadline_at", "deadline_basis"),
        *("state", "root_cause", "outcome", "submitted_at", "submitted_by", "submission_reference"),
        *("decided_at", "original_sha256"),
    )
    lines = [f"# {_line(warning['title'])}", ""]
    lines += [f"- {name.replace('_', ' ')}: {_line(warning[name])}" for name in shown if warning[name]]
    lines += ["", "## History", ""]
    for step in _plain(binder["history"]):
        lines.append(f"- {step['at']} {_line(step['by'])}: {step['after']}. {_line(step['note'])}")
    for number, plan in enumerate(_plain(binder["plans"])):
        signed = f"signed by {_line(plan['signed_by'])}" if plan["signed_at"] else "not signed"
        lines += ["", f"## Plan of action {plan['number']} ({plan['language']}, {signed})", ""]
        lines += [
            f"Drafted {plan['drafted_at']} by {_line(plan['drafted_by'])}, SHA-256 {plan['sha256']}",
            "",
        ]
        if number == 0:
            text = "\n" + to_markdown(plan["sections"], plan["evidence"])
            lines.append(text.replace("\n## ", "\n### ").strip())
    lines += ["", f"SHA-256 of this binder: {binder['sha256']}", ""]
    return "\n".join(lines)


def _plain(value: Any) -> Any:
    """Instants and numbers as the API writes them, so that anybody can compute the hash again."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    return dumps(value).decode().strip('"')


def _line(text: Any) -> str:
    """A text of others as one line without markup."""
    words = " ".join(str(text).split())
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|" else char for char in words)
