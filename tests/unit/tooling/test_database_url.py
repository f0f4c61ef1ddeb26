"""What stands in DATABASE_URL reaches everything that connects: Django's connections, and the one that listens."""

from apps.live.versions import options_of
from oee_site.settings import _postgres

URL = "postgresql://joe:p%40ss@db.example:5433/jobline?sslmode=verify-full&sslrootcert=/etc/ssl/a+b%20c.crt"


def test_the_options_of_a_url_are_libpqs() -> None:
    found = _postgres(URL)

    assert (found["NAME"], found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == (
        "jobline", "joe", "p@ss", "db.example", "5433",
    )  # fmt: skip
    options = found["OPTIONS"]
    assert isinstance(options, dict)
    assert {key: options[key] for key in options if key != "pool"} == {
        "sslmode": "verify-full", "sslrootcert": "/etc/ssl/a+b c.crt",
    }  # fmt: skip


def test_the_listening_connection_is_as_well_guarded() -> None:
    given = {
        "dbname": "jobline",
        "sslmode": "verify-full",
        "context": object(),
        "cursor_factory": object(),
        "prepare_threshold": None,
    }

    assert options_of(given) == {"dbname": "jobline", "sslmode": "verify-full"}
