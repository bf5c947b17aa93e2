"""Session keys: the tables know digests only, and a digest opens nothing."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import CreateError
from django.db import connection
from django.test import RequestFactory

from tenants.models import Session, User
from tenants.models.sessions import KeyDigest
from tenants.sessions import SessionStore
from tenants.types import ClientRef


def _stored(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"select session_key from {table}")
        return [key for (key,) in cursor.fetchall()]


def _opened() -> SessionStore:
    store = SessionStore()
    store["who"] = "ada"
    store.save()
    return store


def test_the_table_holds_the_digest_alone(public: ClientRef) -> None:
    """What a copy of the table shows is not what a cookie says."""
    key = _opened().session_key
    assert _stored("tenants_session") == [str(KeyDigest.of(str(key)))]
    assert key not in _stored("tenants_session")


def test_a_key_opens_its_session_and_a_digest_does_not(public: ClientRef) -> None:
    """Neither the digest as text, nor another key."""
    key = str(_opened().session_key)
    assert SessionStore(key)["who"] == "ada"
    assert SessionStore().exists(key)
    stored = _stored("tenants_session")[0]
    assert SessionStore(stored).load() == {}
    assert not SessionStore().exists(stored)


def test_a_session_is_changed_and_ended_by_its_key(public: ClientRef) -> None:
    """One row as long as it lives, none afterwards; a taken key cannot be taken again."""
    store = _opened()
    store["who"] = "grace"
    store.save()
    assert SessionStore(str(store.session_key))["who"] == "grace"
    assert len(_stored("tenants_session")) == 1
    with pytest.raises(CreateError):
        SessionStore(str(store.session_key)).save(must_create=True)
    old = str(store.session_key)
    store.cycle_key()
    assert not SessionStore().exists(old)
    store.flush()
    assert not Session.objects.exists()


def test_the_list_of_sessions_holds_digests_and_can_end_them(public: ClientRef) -> None:
    """allauth's own table: found, judged alive, told apart from others and ended by the digest it holds."""
    person = User.objects.create_user("ada@example.com", "a long password of hers")
    request = RequestFactory().get("/")
    request.user = person
    request.session = SessionStore()
    request.session[SESSION_KEY] = str(person.pk)
    request.session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    request.session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    request.session.save()
    UserSession.objects.create_from_request(request)
    UserSession.objects.create_from_request(request)
    key = str(request.session.session_key)
    assert _stored("usersessions_usersession") == _stored("tenants_session")
    assert key not in _stored("usersessions_usersession")
    (listed,) = UserSession.objects.purge_and_list(person)
    assert listed.session_key == key
    assert listed.session_key != "another key of thirty-two letters"
    listed.end()
    assert not SessionStore().exists(key)
    assert not UserSession.objects.exists()


def test_expired_sessions_are_gone(public: ClientRef) -> None:
    """As with Django's own."""
    store = _opened()
    store.set_expiry(-1)
    store.save()
    assert SessionStore(str(store.session_key)).load() == {}
    SessionStore.clear_expired()
    assert not Session.objects.exists()
