"""Who may come in: people, what they are to which client, and the keys machines use."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from tenants.models.clients import Client
from tenants.types import Role


class UserManager(BaseUserManager["User"]):
    """Creates people by e-mail address; addresses compare without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Save a person; without a password no one can log in by password."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Find a person by e-mail address, whatever its case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person, agency staff or client login. What they may do is in their memberships."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=150, blank=True)
    locale = models.CharField(max_length=10, default="zh-Hans")
    time_zone = models.CharField(max_length=64, default="Asia/Shanghai")
    is_active = models.BooleanField(default=True)
    is_staff_member = models.BooleanField(
        default=False, help_text="Works for the agency; the others are client logins."
    )
    is_provider_owner = models.BooleanField(
        default=False, help_text="Owns the deployment: creates clients and is owner of every client."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]


class Membership(models.Model):
    """What one person is to one client. No row, no access, not even knowledge that the client exists."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=[(r.value, r.value) for r in Role])
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "client"], name="membership_one_per_client")]


class ApiKey(models.Model):
    """A machine's key to one client: only a prefix and the SHA-256 of its 256-bit secret are kept."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="api_keys")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list, help_text="Names of tenants.permissions.Capability.")
    networks = models.JSONField(default=list, help_text="CIDR networks allowed to use it; empty: any.")
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
