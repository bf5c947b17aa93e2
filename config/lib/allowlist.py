"""What may leave the process: the listed operations, judged on the final method, origin and path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from typing import Protocol
from urllib.parse import quote, unquote

from config.lib.errors import AppError, gettext_noop

_ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
# What RFC 3986 allows in a path, less the backslash's and the dot segments' encoded forms (checked apart).
_PATH = re.compile(r"(?:/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*)+")
_QUERY = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*")
_ONE_VALUE = r"(?:[A-Za-z0-9\-._~]|%[0-9A-F]{2})+"
_LONGEST_URL = 8192
_READING_METHODS = frozenset({"GET", "HEAD", "POST"})


class WriteRefused(AppError):
    """A call that no manifest lists as a read; nothing of it has left the process."""

    code = "write_refused"
    title = gettext_noop("This call is not on the list of reads")
    status = 500
    default_remedy = gettext_noop("List the operation in the platform's manifest, if it only reads.")
    permanent = True


class OperationLike(Protocol):
    """One listed call: `host` is an origin ("https://…", "" for presigned documents), `path` has {names}."""

    @property
    def key(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def path(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ReadOperation:
    """An operation for callers that have no manifest of their own (the reference rates, for one)."""

    key: str
    method: str
    host: str
    path: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes: `origin` is the real one (for the log), `url` holds the one it is mapped to."""

    operation: str
    method: str
    origin: str
    path: str
    url: str
    is_document: bool


class AllowList:
    """The listed operations, the origins they may go to and what these are mapped to.

    `hosts` are the origins of one platform's regions: an operation whose own origin is among them may go to
    any of them; every other operation goes to its own origin only. `document_hosts` are host names with
    shell wildcards, reached by https on the standard port. `endpoints` maps real origins to stand-ins.
    """

    def __init__(
        self,
        operations: Mapping[str, OperationLike],
        document_hosts: Iterable[str] = (),
        endpoints: Mapping[str, str] | None = None,
        hosts: Iterable[str] = (),
    ) -> None:
        self._operations = dict(operations)
        self._hosts = frozenset(hosts)
        self._endpoints = dict(endpoints or {})
        self._documents = [re.compile(translate(host.removeprefix("https://"))) for host in document_hosts]
        self._origins = self._hosts | {found.host for found in self._operations.values() if found.host}
        for origin in (*self._origins, *self._endpoints, *self._endpoints.values()):
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is no origin (https://host, in lower case, without a path)")
        for operation in self._operations.values():
            if operation.method not in _READING_METHODS:
                raise ValueError(f"operation {operation.key}: {operation.method} is no method to read with")
        self._patterns = {key: _path_pattern(found.path) for key, found in self._operations.items()}

    def resolve(
        self,
        key: str,
        *,
        host: str | None = None,
        path_params: Mapping[str, str] | None = None,
        url: str = "",
    ) -> Target:
        """Return where the operation `key` goes, or raise `WriteRefused`.

        `host` chooses among the platform's regional origins; an operation that is served by one fixed origin
        keeps it. `url` is for presigned documents only and then stands alone.
        """
        operation = self._operations.get(key)
        if operation is None:
            raise WriteRefused(f"{key!r} is no listed operation")
        if url or not operation.host:
            if host or path_params or operation.host or not url:
                raise WriteRefused(f"{key}: a presigned address is for document operations, and only these")
            return self._document(operation, key, url)
        origin = operation.host
        if host is not None and host != origin:
            if host not in self._origins:
                raise WriteRefused(f"{key}: {host!r} is no origin of this platform")
            if origin in self._hosts and host in self._hosts:
                origin = host
        path = _fill(operation.path, path_params or {}, key)
        return Target(key, operation.method, origin, path, self._mapped(origin) + path, is_document=False)

    def _document(self, operation: OperationLike, key: str, url: str) -> Target:
        origin, slash, rest = _split(url)
        path, _, query = rest.partition("?")
        path = slash + path
        if not slash or len(url) > _LONGEST_URL or not _QUERY.fullmatch(query):
            raise WriteRefused(f"{key}: this is no address of a document")
        _check_path(path, key)
        if operation.path and not self._patterns[key].fullmatch(path):
            raise WriteRefused(f"{key}: {path!r} is no path of this operation")
        if origin not in self._endpoints.values():
            host = origin.removeprefix("https://")
            is_plain = origin.startswith("https://") and ":" not in host and _ORIGIN.fullmatch(origin)
            if not is_plain or not any(pattern.match(host) for pattern in self._documents):
                raise WriteRefused(f"{key}: documents are not fetched from {origin!r}")
        mapped = self._mapped(origin) + url[len(origin) :]
        return Target(key, operation.method, origin, path, mapped, is_document=True)

    def _mapped(self, origin: str) -> str:
        return self._endpoints.get(origin, origin)

    def verify(self, target: Target, *, method: str, origin: str, path: str, userinfo: bytes) -> None:
        """Judge once more what the HTTP library is about to send: it may have normalised it."""
        operation = self._operations[target.operation]
        wanted = (operation.method, self._mapped(target.origin), target.path)
        if (method, origin, path) != wanted or userinfo:
            raise WriteRefused(f"{target.operation}: {method} {origin}{path} is not what was asked for")
        if not target.is_document and not self._patterns[target.operation].fullmatch(path):
            raise WriteRefused(f"{target.operation}: {path!r} is no path of this operation")
        _check_path(path, target.operation)


def _split(url: str) -> tuple[str, str, str]:
    scheme, separator, rest = url.partition("://")
    authority, slash, tail = rest.partition("/")
    return f"{scheme}{separator}{authority}", slash, tail


def _path_pattern(template: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(template)
    # `split` with a group alternates literal text and placeholder names.
    return re.compile(
        "".join(_ONE_VALUE if index % 2 else re.escape(part) for index, part in enumerate(parts))
    )


def _fill(template: str, values: Mapping[str, str], key: str) -> str:
    names = set(_PLACEHOLDER.findall(template))
    if names != set(values):
        raise WriteRefused(f"{key}: the path takes {sorted(names)}, not {sorted(values)}")
    path = _PLACEHOLDER.sub(lambda match: quote(values[match[1]], safe=""), template)
    if any(not value or "%" in value for value in values.values()):
        # Quoting would turn an encoded slash into a doubly encoded one, which some servers decode twice.
        raise WriteRefused(f"{key}: a part of the path is empty or encoded already")
    _check_path(path, key)
    return path


def _check_path(path: str, key: str) -> None:
    plain = unquote(path)
    has_hidden_slash = plain.count("/") != path.count("/") or "\\" in plain or "%" in plain
    has_dots = any(segment.partition(";")[0] in (".", "..") for segment in plain.split("/"))
    if has_hidden_slash or has_dots or not plain.isprintable() or not _PATH.fullmatch(path):
        raise WriteRefused(f"{key}: {path[:200]!r} is no plain path")
