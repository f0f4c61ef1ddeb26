"""All settings, read top to bottom. What may differ between machines comes from the environment."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from kombu.entity import Queue

from apps.flow import schedule
from oee_site import env, logs

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("JOBLINE_DATA", str(BASE_DIR / "var"))).resolve()
DATABASE_URL = env.secret("DATABASE_URL")
REDIS_URL = env.secret("REDIS_URL")
# Embedded: one command, SQLite, no servers. Production: PostgreSQL and Redis. Only settings differ.
EMBEDDED = not DATABASE_URL and not REDIS_URL

# Commands may run without one; what signs sessions may not: asgi.py and oee_site/checks.py refuse this default.
UNSIGNED_KEY = "for-commands-and-tests-only-no-session-may-be-signed-with-this-one"
SECRET_KEY = env.secret("SECRET_KEY") or UNSIGNED_KEY
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
HTTPS = env.flag("HTTPS")
SITE_ID_PREFIX = env.text("SITE_PREFIX", "jobline")

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "channels",
    "apps.accounts",
    "apps.lines",
    "apps.reasons",
    "apps.states",
    "apps.jobs",
    "apps.downtime",
    "apps.oee",
    "apps.plc",
    "apps.epicor",
    "apps.flow",
    "apps.live",
    "apps.screens",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "oee_site.urls"
ASGI_APPLICATION = "oee_site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]


def _postgres(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise env.SettingError("DATABASE_URL must start with postgresql:// (or be empty for SQLite).")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        # What stands behind the question mark is libpq's, as sslmode=verify-full.
        "OPTIONS": {
            **{
                name: unquote(value)
                for name, _is, value in (pair.partition("=") for pair in parts.query.split("&"))
                if value
            },
            "pool": {"min_size": 1, "max_size": env.number("DB_POOL", 8), "timeout": 10, "max_idle": 300},
        },
    }


def _sqlite() -> dict[str, object]:
    try:
        DATA_DIR.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise env.SettingError(
            f"The data folder {DATA_DIR} can't be made ({problem.strerror}): set JOBLINE_DATA to one that can be written."
        ) from None
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "jobline.sqlite3",
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-65536;"
                "PRAGMA mmap_size=268435456;PRAGMA temp_store=MEMORY;"
            ),
        },
        # The tests' database must be a file: threads, child processes and WAL need one.
        "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
    }


DATABASES = {"default": _postgres(DATABASE_URL) if DATABASE_URL else _sqlite()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CHANNEL_LAYERS: dict[str, dict[str, object]] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            # Pub/sub ignores the database number: the prefix keeps two sites on one server apart.
            "prefix": SITE_ID_PREFIX,
            # redis-py 8 would time idle readers out after 5 s: say that waiting is all right.
            "hosts": [{"address": REDIS_URL, "socket_timeout": None, "health_check_interval": 15}],
        },
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 5000}},
}

CELERY_BROKER_URL = REDIS_URL or "folder://localhost//"
if not REDIS_URL:
    _QUEUE = DATA_DIR / "queue"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_QUEUE),
        "data_folder_out": str(_QUEUE),
        "control_folder": str(_QUEUE / "control"),
        "processed_folder": str(_QUEUE / "done"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat")
CELERY_BEAT_SCHEDULE = schedule.BEAT
CELERY_TASK_DEFAULT_QUEUE = schedule.QUEUES[0]
CELERY_TASK_ROUTES = schedule.ROUTES
# A worker that is not told its queues serves all of them.
CELERY_TASK_QUEUES = [Queue(name) for name in schedule.QUEUES]  # type: ignore[no-untyped-call]
# Posts of one integration key per second, in each web process; twice as many at once.
EPICOR_EVENTS_PER_S = env.number("EPICOR_EVENTS_PER_S", 200)

# Logging is set up by us, once, for Django, Celery and structlog alike.
LOGGING_CONFIG = None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
logs.configure(level=env.text("LOG_LEVEL", "INFO"), as_json=env.text("LOG_FORMAT") == "json")

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True

STATIC_URL = "/static/"
# Found where they lie, once at the start: nobody can forget to collect them.
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "apps.accounts.http.old_page"
if HTTPS:
    # The proxy in front sets this header itself (deploy/nginx), so that nobody can pretend.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_SSL_REDIRECT = HTTPS
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
# Plan rate = ideal rate x this; agree on it with the planners before a plan hangs on a wall.
TARGET_OEE = env.number("TARGET_OEE_PERCENT", 85) / 100
# How long rows of the big tables are kept (apps/flow/retention.py); hours, days and losses always are.
RETAIN_MONTHS = {
    "slices": env.months("RETAIN_SLICES_MONTHS"),
    "states": env.months("RETAIN_STATES_MONTHS"),
    "counts": env.months("RETAIN_COUNTS_MONTHS"),
    "late": env.months("RETAIN_LATE_MONTHS"),
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024 + 1
