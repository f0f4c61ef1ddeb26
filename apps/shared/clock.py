"""The one reader of the wall clock for entry points; below them `now` is an argument."""

import time


def now_us() -> int:
    """The present instant in microseconds."""
    return time.time_ns() // 1000
