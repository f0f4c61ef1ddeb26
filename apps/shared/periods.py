"""Half-open intervals [start, end) of whole microseconds."""

from collections.abc import Iterable

# Later than anything: the end of what is still open.
FOREVER = 1 << 62


def overlap(a_start: int, a_end: int, b_start: int, b_end: int) -> int:
    """Microseconds that two intervals share; 0 where they only touch."""
    return max(0, min(a_end, b_end) - max(a_start, b_start))


def merged(periods: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same time as disjoint, ordered periods; touching ones become one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(periods):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def shares(parts: int, weights: list[int]) -> list[int]:
    """`parts` dealt out by weight in whole parts, largest remainder first, ties to the earlier; a negative

    number is dealt as the positive one with its sign. The shares add up to `parts` exactly.
    """
    whole = sum(weights)
    size = abs(parts)
    dealt = [size * weight // whole for weight in weights]
    rest = size - sum(dealt)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % whole), i))
    for index in by_remainder[:rest]:
        dealt[index] += 1
    return dealt if parts >= 0 else [-share for share in dealt]
