"""`python -m tests.oracle …`."""

from tests.oracle.cli import main

raise SystemExit(main())
