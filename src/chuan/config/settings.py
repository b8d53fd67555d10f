"""One settings module for laptop, test and server; what differs comes from the environment.

CHUAN_VAR          folder for data, files, logs (default: `var/` beside the project)
DATABASE_URL       a PostgreSQL server; without it the CLI starts the embedded one
CHUAN_SECRET_KEY   signing key; without it one is made once and kept in `var/secret-key`
CHUAN_DEBUG        1 shows errors in the browser; never on a server
CHUAN_HOSTS        host names, separated by commas
CHUAN_HTTPS        1 when the site is served over TLS by one proxy in front: cookies become secure,
                   HSTS is sent, the proxy's word for the visitor's address is believed
CHUAN_URL          where people find the site, for links in letters (default: http://localhost:8000)
CHUAN_DEMO         1 in a demonstration: demo accounts sign in without a second factor
CHUAN_EMAIL_URL    smtp://user:password@host:port or smtps://…; without it mail goes to the console
CHUAN_EMAIL_FROM   the address mail is sent from
CHUAN_LOG          json (one object a line, the default) or text (the default of `chuan demo`)
CHUAN_LINES        where machines open lines that stay open (WebSocket), told to those who ask elsewhere;
                   `chuan serve --lines-port` sets it
CHUAN_WEBHOOKS_TO  networks of our own that subscriptions may send events into, separated by commas;
                   without it they reach public addresses alone
CHUAN_METRICS_TOKEN  the key with which Prometheus reads /metrics
CHUAN_METRICS_FROM   networks that read it without one, separated by commas: 10.1.0.0/16
"""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from chuan.config import environment
from chuan.core.ui.templatetags import BUILTINS

ROOT = Path(__file__).resolve().parents[3]
VAR = environment.var_folder()

DEBUG = os.environ.get("CHUAN_DEBUG") == "1"
SECRET_KEY = environment.secret_key(VAR)
ALLOWED_HOSTS = environment.hosts()
DATABASES = {"default": environment.database(VAR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Set by `chuan demo` alone: real accounts need their second factor all the same.
CHUAN_DEMO = os.environ.get("CHUAN_DEMO") == "1"
CHUAN_URL = os.environ.get("CHUAN_URL", "http://localhost:8000").rstrip("/")

ROOT_URLCONF = "chuan.config.urls"
WSGI_APPLICATION = "chuan.config.wsgi.application"
AUTH_USER_MODEL = "people.Person"

CORE_APPS = [
    "chuan.core.ui",
    "chuan.core.audit",
    "chuan.core.jobs",
    "chuan.core.legal",
    "chuan.core.calendar",
    "chuan.core.orgs",
    "chuan.core.people",
    "chuan.core.files",
    "chuan.core.indicators",
    "chuan.core.documents",
    "chuan.core.notices",
    "chuan.core.access",
]
MODULE_APPS = ["chuan.modules.plans", "chuan.modules.traceability"]
FLOW_APPS = [
    "chuan.flows.annual_report",
    "chuan.flows.archive",
    "chuan.flows.my_work",
    "chuan.flows.overview",
    "chuan.flows.portal",
    "chuan.flows.reminders",
    "chuan.flows.search",
    "chuan.flows.health",
]

INSTALLED_APPS = [
    *CORE_APPS,
    *MODULE_APPS,
    *FLOW_APPS,
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "pgtrigger",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "chuan.core.ui.middleware.NameRequests",
    "django.middleware.security.SecurityMiddleware",
    "chuan.modules.traceability.web.resolver.RedirectScans",
    "chuan.modules.traceability.api.short_way.AnswerMachines",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages of a slow line; Django pads them at random, so that their length tells nothing.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "chuan.core.ui.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "chuan.core.ui.middleware.ExplainDenied",
    "chuan.core.access.middleware.ViewAsAnother",
    "chuan.core.access.middleware.DenyByDefault",
    "chuan.core.ui.middleware.ReadsDoNotWrite",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": BUILTINS,
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chuan.core.ui.context.page",
            ],
        },
    }
]
FORM_RENDERER = "chuan.core.ui.forms.Renderer"

# ---------------------------------------------------------------- language, time, numbers
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Tiếng Việt")), ("en", _("Tiếng Anh"))]
LOCALE_PATHS = [ROOT / "src" / "chuan" / "locale"]
LANGUAGE_COOKIE_NAME = "chuan-language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
FORMAT_MODULE_PATH = ["chuan.lib.formats"]
# Off on purpose: it would print ids as 12.345 in URLs. Numbers for people go through |vn_number.
USE_THOUSAND_SEPARATOR = False

# ---------------------------------------------------------------- static files, uploads
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR / "files"},
    },
    "staticfiles": {"BACKEND": "chuan.core.ui.storage.StaticStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
CHUAN_FILES = VAR / "files"
CHUAN_UPLOAD_LIMIT = 50 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# ---------------------------------------------------------------- signing in
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "chuan.core.access.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Whole offices, on deadline days, share one address: what guards an account is counted by account.
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key,50/5m/ip", "login": "120/m/ip"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Chuẩn] "
ACCOUNT_FORMS = {
    "login": "chuan.core.access.web.sign_in_forms.SignInForm",
    "reauthenticate": "chuan.core.access.web.sign_in_forms.PasswordAgainForm",
    "change_password": "chuan.core.access.web.sign_in_forms.ChangePasswordForm",
    "reset_password": "chuan.core.access.web.sign_in_forms.ForgottenPasswordForm",
    "reset_password_from_key": "chuan.core.access.web.sign_in_forms.NewPasswordForm",
}
# allauth's own generator writes address rows while a link is only being looked at.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
MFA_ADAPTER = "chuan.core.access.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "chuan.core.access.web.sign_in_forms.CodeForm",
    "reauthenticate": "chuan.core.access.web.sign_in_forms.CodeAgainForm",
    "activate_totp": "chuan.core.access.web.sign_in_forms.SetUpCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Chuẩn"
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# Addresses are entered by administrators, so there is nothing to verify first.
MFA_ALLOW_UNVERIFIED_EMAIL = True
USERSESSIONS_TRACK_ACTIVITY = False
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "chuan.lib.passwords.UnlikeTheAccount",
        "OPTIONS": {"user_attributes": ("username", "full_name", "email")},
    },
    {
        "NAME": "chuan.lib.passwords.LongEnough",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Counters of failed sign-ins must be the same for every server process.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "chuan_cache",
    }
}
SESSION_COOKIE_NAME = "chuan-session"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "chuan-csrf"
CSRF_FAILURE_VIEW = "chuan.core.ui.views.csrf_failure"

# ---------------------------------------------------------------- headers
HTTPS = os.environ.get("CHUAN_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# Sign-in is throttled by address: behind a proxy, the visitor's and not the proxy's.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# ---------------------------------------------------------------- jobs
# Seconds: a nightly job missed because the machine was off runs when the worker starts again.
PROCRASTINATE_PERIODIC_DEFAULTS = {"max_delay": 35 * 24 * 60 * 60}

# ---------------------------------------------------------------- webhooks, metrics, mail and log
CHUAN_LINES = os.environ.get("CHUAN_LINES", "")
CHUAN_WEBHOOKS_TO = environment.networks("CHUAN_WEBHOOKS_TO")
CHUAN_METRICS_TOKEN = os.environ.get("CHUAN_METRICS_TOKEN", "")
CHUAN_METRICS_FROM = environment.networks("CHUAN_METRICS_FROM")
EMAIL_BACKEND, EMAIL = environment.mail()
globals().update(EMAIL)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("CHUAN_EMAIL_FROM", "chuan@localhost")

LOG_FORMAT = environment.log_format(is_demo=CHUAN_DEMO)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "chuan.lib.logs.WithRequest"}},
    "formatters": {
        "text": {
            "format": "{asctime} {levelname} {name} [{request_id}]: {message}",
            "style": "{",
        },
        "json": {"()": "chuan.lib.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["request"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "chuan": {"level": "INFO"},
        # A line for every request is for machines; in a terminal it would bury the rest.
        "chuan.request": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
