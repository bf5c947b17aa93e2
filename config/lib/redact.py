"""How secrets stay out of logs, errors and answers: the `Secret` text and the filter for everything else."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, MutableMapping
from typing import Any, NoReturn, overload

MASK = "***"

# Whole words of a key, so that "primary_key", "idempotency_key" and "token_count" stay readable.
_SENSITIVE_KEY = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|secrets?|secret_keys?|token|api_?key|private_key|signing_key"
    r"|encryption_keys?|data_key|pepper|authorization|cookie|credentials?|signature|secret_hash|recovery_codes?"
    r"|totp|otp)$"
)
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\-.\s]")
_IN_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/|=\-]{6,}"), r"\1 " + MASK),
    # Login with Amazon: access tokens start with Atza|, refresh tokens with Atzr|.
    (re.compile(r"\bAtz[a-z]\|[A-Za-z0-9._~+/=\-]+"), MASK),
    (re.compile(r"\bamzn1\.oa2-cs\.v1\.[0-9a-f]+"), MASK),
    (re.compile(r"\b([a-z]{2,8}_[a-z2-7]{12})_[a-z2-7]{52}\b"), r"\1_" + MASK),
    (re.compile(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*"), MASK),
    (
        re.compile(r"(?i)([?&](?:x-amz-(?:signature|credential|security-token)|signature)=)[^&\s\"']+"),
        r"\1" + MASK,
    ),
    (re.compile(r"([a-z][a-z0-9+.\-]{1,20}://[^/\s:@\"']{0,200}):[^/\s@\"']{1,200}@"), r"\1:" + MASK + "@"),
    (
        re.compile(
            r"(?i)\b((?:[a-z0-9]{1,20}_){0,3}(?:password|secret|token|api_key))"
            r"(\"?'?\s{0,3}[=:]\s{0,3}\"?'?)(?!\*\*\*)[^\s&,;\"'}\])]+"
        ),
        r"\1\2" + MASK,
    ),
)


class Secret:
    """A text that shows itself only when told to.

    `repr`, `str` and formatting give "***"; it cannot be pickled, copied into JSON, iterated or measured.
    Equality takes the same time wherever two secrets differ.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError("a secret is a text")
        self.__value = value

    def reveal(self) -> str:
        """Return the plain text. Call it at the last moment, and never in a log or an error."""
        return self.__value

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self


def is_sensitive(key: str) -> bool:
    """Tell whether a field, header or variable of this name holds a secret."""
    return _SENSITIVE_KEY.search(_WORD_BREAK.sub("_", key).lower()) is not None


@overload
def redact(value: str) -> str: ...
@overload
def redact(value: Mapping[str, Any]) -> dict[str, Any]: ...
@overload
def redact(value: Any) -> Any: ...
def redact(value: Any) -> Any:
    """Return `value` with every secret replaced by "***".

    In mappings the name of a key decides, in texts known shapes do (bearer tokens, our keys, Amazon's tokens,
    JSON web tokens, signed URLs, passwords in URLs, `secret=…`). Everything else is returned as it is.
    """
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, str):
        return _redact_text(value)
    if isinstance(value, Mapping):
        return {key: _redact_item(key, item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item) for item in value]
    return value


def _redact_item(key: Any, item: Any) -> Any:
    if isinstance(key, str) and is_sensitive(key) and item not in (None, ""):
        return MASK
    return redact(item)


def _redact_text(text: str) -> str:
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def redact_processor(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Redact one structlog event; stands after exceptions are formatted, so tracebacks are covered."""
    masked: dict[str, Any] = redact(dict(event))
    return masked
