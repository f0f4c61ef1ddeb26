"""The demo's parent process without its story: the site and the ingester on one loop. `python -m bench._live_child PORT`."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oee_site.settings")


def main(port: int) -> None:
    """Serve until told to end."""
    import django

    django.setup()
    from django.conf import settings

    from apps.flow import ingest, web
    from apps.shared.clock import now_us

    async def poll() -> None:
        await ingest.run(spool=settings.DATA_DIR / "spool.db", clock=now_us)

    web.serve("127.0.0.1", port, poll)


if __name__ == "__main__":
    main(int(sys.argv[1]))
