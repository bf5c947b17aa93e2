"""Who is there before anybody can invite anybody: the deployment's owner; and passwords set by hand."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from config.lib.errors import FieldError, Invalid, NotFound
from tenants import audit
from tenants.context import use_public
from tenants.models import Provider, User


def create_owner(*, email: str, name: str, password: str) -> int:
    """Make (or confirm) an owner of the deployment and set the password; returns the person's id.

    Raises Invalid when the password is too weak or the address belongs to a client's login.
    """
    with use_public(), transaction.atomic():
        person = User.objects.filter(email=email.lower()).first() or User(email=email.lower())
        if person.pk and not person.is_staff_member:
            raise Invalid(f"{email} is a client's login and cannot own the deployment.")
        person.name, person.is_staff_member, person.is_provider_owner = name, True, True
        _set_password(person, password)
        person.save()
        audit.record("owner.created", target=("user", person.pk), after={"email": person.email})
        return int(person.pk)


def set_password(*, email: str, password: str) -> None:
    """Set a person's password by hand, for a deployment that cannot send mail. NotFound, Invalid."""
    with use_public(), transaction.atomic():
        person = User.objects.filter(email=email.lower()).first()
        if person is None:
            raise NotFound(f"Nobody has the address {email}.")
        _set_password(person, password)
        person.save(update_fields=["password"])
        audit.record("password.set", target=("user", person.pk))


def name_provider(*, name: str, reporting_currency: str) -> None:
    """Say who runs this deployment and in which currency it reports."""
    with use_public(), transaction.atomic():
        Provider.objects.update_or_create(
            id=1, defaults={"name": name, "reporting_currency": reporting_currency}
        )
        audit.record(
            "provider.named",
            target=("provider", 1),
            after={"name": name, "reporting_currency": reporting_currency},
        )


def _set_password(person: User, password: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Invalid(
            "The password is too weak.",
            errors=[FieldError("/password", message, "weak_password") for message in error.messages],
        ) from error
    person.set_password(password)
