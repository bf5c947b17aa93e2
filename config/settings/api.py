"""Settings of the HTTP edge: browsers, people's logins, REST framework, the API's description."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

from config.env import current

ENV = current()

CORS_ALLOWED_ORIGINS = ENV.cors_origins
CORS_ALLOW_CREDENTIALS = True
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "content-type", "if-match", "if-none-match", "idempotency-key"),
    *("traceparent", "x-csrftoken", "x-request-id", "x-session-token"),
]
CORS_EXPOSE_HEADERS = [
    *("etag", "link", "location", "retry-after", "x-request-id", "idempotency-replayed"),
    *("ratelimit", "ratelimit-policy", "deprecation", "sunset"),
]

# People are invited: allauth opens no account by itself.
ACCOUNT_ADAPTER = "config.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = ENV.email_verification
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "reset_password": "20/m/ip,5/m/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxies
HEADLESS_ONLY = True
HEADLESS_TOKEN_STRATEGY = "tenants.access_tokens.RotatingTokens"  # noqa: S105 - the path of a class
HEADLESS_JWT_ALGORITHM = "HS256"
# A key of its own: what is signed here can be mistaken for nothing else that SECRET_KEY signs.
HEADLESS_JWT_PRIVATE_KEY = hmac.digest(ENV.secret_key.encode(), b"headless.jwt", "sha256").hex()
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 300
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = int(timedelta(days=7).total_seconds())
HEADLESS_JWT_ROTATE_REFRESH_TOKEN = True
HEADLESS_CLIENTS = ("app", "browser")
HEADLESS_SERVE_SPECIFICATION = True
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": "/account/verify-email/{key}",
    "account_reset_password": "/account/password/reset",
    "account_reset_password_from_key": "/account/password/reset/{key}",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "config.accounts.MFAAdapter"
MFA_TOTP_ISSUER = "Agency"
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["config.lib.api.renderer.ORJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.lib.api.renderer.ORJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.lib.api.problem.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "NUM_PROXIES": ENV.trusted_proxies,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}


SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Agency backend",
    "VERSION": "1.0.0",
    "DESCRIPTION": (
        "Operations of a cross-border e-commerce agency and its clients. Errors are RFC 9457 problems; lists "
        "are paged by cursor; amounts are decimal strings with their currency; instants are UTC, dates are "
        "the shop's. Logging in has its own description at /api/auth/openapi.yaml."
    ),
    "OAS_VERSION": "3.1.1",
    "SERVERS": [{"url": "/", "description": "This server"}],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1(/clients/\{client\})?",
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATIONS": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {"DetectorEnum": "alerts.api.rule_forms.DETECTOR_KEYS"},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tenants.openapi.load_error_classes",
        "config.lib.api.schema.add_problems",
        "tenants.openapi.share_components",
    ],
}
