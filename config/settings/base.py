"""Settings that hold everywhere. What differs between machines comes from config.env alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from config import databases
from config.celery import QUEUES
from config.env import Mode, current
from config.envtypes import ROOT
from config.schedule import BEAT
from config.settings.api import *  # noqa: F403

ENV = current()

SECRET_KEY = ENV.secret_key
KEY_ENCRYPTION_KEYS = ENV.key_encryption_keys
AUDIT_SIGNING_KEY = ENV.audit_signing_key
PLATFORM_ENDPOINTS = ENV.platform_endpoints
REDIS_URL = ENV.redis_url
REPORT_WAIT_SECONDS = ENV.report_wait_seconds
METRICS_TOKEN = ENV.metrics_token
METRICS_OPEN = ENV.mode is not Mode.PROD  # to everybody, as long as there is no token
STAFF_TOTP_REQUIRED = ENV.staff_totp_required
VAR_DIR = ENV.var_dir
LOG_LEVEL = ENV.log_level
DEBUG = ENV.debug
ALLOWED_HOSTS = ENV.allowed_hosts
# Where people reach this deployment, for links in messages: the first of its names.
PUBLIC_ORIGIN = (
    f"https://{ALLOWED_HOSTS[0].lstrip('.*')}" if ENV.mode is Mode.PROD else "http://localhost:8000"
)

# Tables of the public schema, one copy: who may come in, which clients there are, what the libraries need.
SHARED_APPS = [
    "tenants",  # before django_tenants: our migrate replaces its own
    "django_tenants",
    "tenants.ledger",  # the provider's own ledger
    "django.contrib.contenttypes",  # required by contrib.auth
    "django.contrib.auth",  # password hashing and allauth's backend; its groups and permissions are unused
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",  # which sessions a person has, to be looked through and ended
    "allauth.headless",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pricing",  # no tables yet
    "alerts",  # no tables yet
]
# Tables of every client's schema: they leave with the client.
TENANT_APPS = [
    "tenants.ledger",  # the client's audit, outbox, jobs and idempotency records
    "connectors",  # connections, facts
    "kpis",  # measures, targets
    "pricing",  # rules, recommendations, promotions
    "alerts",  # alert rules, deliveries, incidents
]
INSTALLED_APPS = [*SHARED_APPS, *(app for app in TENANT_APPS if app not in SHARED_APPS)]

TENANT_MODEL = "tenants.Client"
TENANT_DOMAIN_MODEL = "tenants.Domain"
PUBLIC_SCHEMA_NAME = "public"
TENANT_SYNC_ROUTER = "tenants.db.router.SchemaRouter"
DATABASE_ROUTERS = [TENANT_SYNC_ROUTER]
AUTH_USER_MODEL = "tenants.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# "default" logs in with no rights and becomes a client's role; "owner" migrates and provisions.
DATABASES = {
    "default": databases.database(ENV.database_url, tenant_roles=True, pooler=ENV.database_pooler),
    "owner": databases.database(ENV.database_owner_url, tenant_roles=False, pooler=ENV.database_pooler),
}
DATABASE_POOLER = ENV.database_pooler

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": ENV.redis_url,
        "KEY_PREFIX": "cache",
        "KEY_FUNCTION": "tenants.cache.make_key",  # carries the client
        "TIMEOUT": 300,
    }
}

MIDDLEWARE = [
    "config.middleware.RequestMiddleware",
    "config.middleware.LanguageMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.PublicSchemaMiddleware",  # allauth and sessions live in the public schema
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

# What the API speaks; codes and keys are the same in every language. See config.translations.
# How long after a week or month has ended everywhere its review is built by itself: streams need their time.
REVIEW_LAG_HOURS = 36
LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English"), ("ja", "日本語"), ("es", "Español")]
LOCALE_PATHS = [ROOT / "config" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
# Assets are served from the installed packages: no collection step between a checkout and its first page.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Bodies: cost sheets are the largest, and are refused beyond this size.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "tenants.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = ENV.cors_origins
CSRF_FAILURE_VIEW = "config.lib.api.problem.csrf_failure"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]

globals().update(databases.email(ENV.email_url))
DEFAULT_FROM_EMAIL = ENV.email_from

# Celery: messages are hints, so a lost one costs time, not work; see tenants.tasking.
CELERY_BROKER_URL = databases.broker(ENV.redis_url)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message of a killed worker comes back after an hour at the latest; no task may run longer than that.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_throttle": 1,
    "global_keyprefix": "celery:",
}
CELERY_TASK_TIME_LIMIT = 3000
CELERY_TASK_SOFT_TIME_LIMIT = 2700
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_QUEUES = {name: {"exchange": name, "routing_key": name} for name in QUEUES}
CELERY_TASK_ROUTES = ["config.celery.route"]
CELERY_TASK_DEFAULT_QUEUE = "compute"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = BEAT
CELERY_BEAT_SCHEDULER = "config.beat:PulsingScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(ENV.var_dir / "beat-schedule")
CELERY_BEAT_MAX_LOOP_INTERVAL = 5

LOGGING_CONFIG = "config.logs.configure"
LOGGING: dict[str, Any] = {"level": ENV.log_level, "json": ENV.mode is Mode.PROD}
