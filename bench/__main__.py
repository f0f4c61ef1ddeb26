"""Run the modules of bench/ that have a main(): all of them, or the ones named."""

import atexit
import importlib
import os
import pkgutil
import shutil
import sys
import tempfile
import time

import bench


def names_of(wanted: list[str]) -> list[str]:
    """The modules to run: those wanted, or all. Raises ValueError with a sentence for one that is not there."""
    there = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))
    missing = [name for name in wanted if name not in there]
    if missing:
        raise ValueError(f"bench has no {', '.join(missing)}; it has {', '.join(there)}.")
    return wanted or there


def measure(name: str) -> None:
    """Run one module, where it has something to run."""
    main = getattr(importlib.import_module(f"bench.{name}"), "main", None)
    if main is None:
        return
    began = time.monotonic()
    main()
    print(f"{name} took {time.monotonic() - began:.1f} s\n", flush=True)


def main(wanted: list[str]) -> int:
    """Measure; the exit code is 2 for a name that is not there."""
    try:
        names = names_of(wanted)
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 2
    # A data folder of its own, so that no measurement touches a demo's.
    os.environ["JOBLINE_DATA"] = tempfile.mkdtemp(prefix="jobline-bench-")
    atexit.register(shutil.rmtree, os.environ["JOBLINE_DATA"], ignore_errors=True)
    os.environ["DJANGO_SETTINGS_MODULE"] = "oee_site.settings"
    for name in names:
        measure(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
