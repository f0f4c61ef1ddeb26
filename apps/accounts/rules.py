"""How many wrong tries are borne, and how long the wait is after them."""

FREE_TRIES = 5
FIRST_WAIT_S = 30
LONGEST_WAIT_S = 15 * 60


def wait_after(failures: int) -> int:
    """Seconds to wait after this many wrong tries in a row: none up to four, then 30 s, doubling up to 15 min."""
    if failures < FREE_TRIES:
        return 0
    return int(min(FIRST_WAIT_S * 2 ** min(failures - FREE_TRIES, 10), LONGEST_WAIT_S))


def tidy_code(typed: str) -> str:
    """A pairing code as it was made, whatever spaces, hyphens or small letters it was typed with."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def is_pin(typed: str) -> bool:
    """A PIN is six digits."""
    return len(typed) == 6 and typed.isascii() and typed.isdigit()
