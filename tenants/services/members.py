"""Who is admitted to a client, in which role, and who is let go. Works on the current client.

Memberships are rows of the public schema, the record of the change belongs to the client's ledger: each
service writes both in one transaction. Two rules hold whoever asks: nobody deals with a rank above their own,
and a client always keeps an owner. Staff hold staff roles, client logins client roles, never the other's.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from config.lib.errors import (
    Conflict,
    Denied,
    FieldError,
    Invalid,
    NotFound,
    PreconditionFailed,
    gettext_noop,
)
from tenants import audit
from tenants.context import require_client, use_public
from tenants.models import Membership, User
from tenants.permissions import may_grant
from tenants.selectors.people import get_member
from tenants.types import STAFF_ROLES, MemberView, Role


class MemberExists(Conflict):
    """The person already is a member of this client."""

    code = "member_exists"
    title = gettext_noop("This person is a member already")


class LastOwner(Conflict):
    """Without its last owner nobody could look after the client."""

    code = "last_owner"
    title = gettext_noop("A client keeps at least one owner")
    default_remedy = gettext_noop("Make somebody else an owner first.")


class RankTooLow(Denied):
    """Nobody appoints, changes or dismisses a rank above their own."""

    code = "rank_too_low"
    title = gettext_noop("This role is above your own")


def add_member(*, email: str, name: str = "", role: Role, granted_by: Role) -> MemberView:
    """Admit a person to the current client, creating the person when nobody has the address yet.

    A new person has no password and sets one by the password reset of /api/auth/. Raises RankTooLow,
    MemberExists, and Invalid when the role does not fit the kind of person.
    """
    client = require_client()
    _require_rank(granted_by, role)
    with transaction.atomic():
        with use_public():
            person = _find_or_create_person(email, name, role)
            _require_fit(person, role)
            try:
                with transaction.atomic():
                    membership = Membership.objects.create(user=person, client_id=client.id, role=role)
            except IntegrityError as error:
                raise MemberExists(
                    gettext("{email} is a member of this client already.").format(email=email)
                ) from error
            member = get_member(client.id, membership.pk)
        audit.record("member.added", target=("member", member.id), after=_audited(member))
    return member


def change_role(*, membership_id: int, role: Role, version: int, granted_by: Role) -> MemberView:
    """Give a member of the current client another role.

    `version` is the one the caller read. Raises NotFound, RankTooLow, LastOwner, PreconditionFailed, Invalid.
    """
    client = require_client()
    with transaction.atomic():
        with use_public():
            before = _lock(client.id, membership_id)
            _require_rank(granted_by, before.role)
            _require_rank(granted_by, role)
            _require_fit(User.objects.get(pk=before.user_id), role)
            if role is not Role.OWNER:
                _require_other_owner(client.id, before)
            changed = Membership.objects.filter(pk=membership_id, version=version).update(
                role=role, version=version + 1
            )
            if changed != 1:
                raise PreconditionFailed
            after = get_member(client.id, membership_id)
        audit.record(
            "member.changed", target=("member", after.id), before=_audited(before), after=_audited(after)
        )
    return after


def remove_member(*, membership_id: int, granted_by: Role) -> None:
    """Let a member of the current client go; the person stays. Raises NotFound, RankTooLow, LastOwner."""
    client = require_client()
    with transaction.atomic():
        with use_public():
            before = _lock(client.id, membership_id)
            _require_rank(granted_by, before.role)
            _require_other_owner(client.id, before)
            Membership.objects.filter(pk=membership_id, client_id=client.id).delete()
        audit.record("member.removed", target=("member", before.id), before=_audited(before))


def _find_or_create_person(email: str, name: str, role: Role) -> User:
    person = User.objects.filter(email=email.lower()).first()
    if person is not None:
        return person
    try:
        with transaction.atomic():
            return User.objects.create_user(email, name=name, is_staff_member=role in STAFF_ROLES)
    except IntegrityError:
        # Somebody else admitted the same person in this moment.
        return User.objects.get(email=email.lower())


def _require_fit(person: User, role: Role) -> None:
    if person.is_staff_member != (role in STAFF_ROLES):
        if person.is_staff_member:
            told = gettext("{email} works for the agency and cannot be {role}.")
        else:
            told = gettext("{email} is a client's login and cannot be {role}.")
        raise Invalid(
            told.format(email=person.email, role=role),
            errors=[FieldError("/role", "This role is not for this kind of person.", "role_unfit")],
        )


def _require_rank(granted_by: Role, role: Role) -> None:
    if not may_grant(granted_by, role):
        raise RankTooLow(
            gettext("A member with the role {own} does not deal with {other}.").format(
                own=granted_by, other=role
            )
        )


def _lock(client_id: int, membership_id: int) -> MemberView:
    """Lock the client's owners and the member, so that two owners cannot dismiss each other at once."""
    rows = Membership.objects.filter(client_id=client_id).order_by("pk")
    locked = list(rows.select_for_update().values_list("pk", flat=True))
    if membership_id not in locked:
        raise NotFound("There is no such member.")
    return get_member(client_id, membership_id)


def _require_other_owner(client_id: int, member: MemberView) -> None:
    others = Membership.objects.filter(client_id=client_id, role=Role.OWNER).exclude(pk=member.id)
    if member.role is Role.OWNER and not others.exists():
        raise LastOwner


def _audited(member: MemberView) -> dict[str, object]:
    return {"user_id": member.user_id, "email": member.email, "role": member.role}
