#!/usr/bin/env python3
"""Jobline's command line: `manage.py help` lists what there is."""

import os
import sys


def main() -> None:
    """Run one management command."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older one is told so in a sentence, not by a syntax error
        sys.stderr.write(f"Jobline needs Python 3.11 or newer; this is {sys.version.split()[0]}.\n")
        sys.exit(2)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oee_site.settings")
    if sys.argv[1:2] == ["demo"]:
        from oee_site.embedded import prepare

        prepare(sys.argv[2:])
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
