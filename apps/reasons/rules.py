"""One code, two tables of Epicor: a downtime code and a scrap code may be the same, and are one row here. Pure."""

from apps.reasons.types import ReasonState, Standing

DOWNTIME, SCRAP, ANY = "downtime", "scrap", "any"


def after(before: Standing | None, told: ReasonState) -> Standing:
    """What stands of a code once a source told this: whichever of its two kinds comes first, they end in the same.

    A kind that is retired leaves the other one as it is; the code is retired when none is left.
    """
    words = {} if before is None else _words(before)
    for kind in _kinds(told.kind):
        if told.is_retired:
            words.pop(kind, None)
        else:
            words[kind] = told.description
    if len(words) > 1:
        return Standing(ANY, words[DOWNTIME], words[SCRAP])
    for kind, description in words.items():
        return Standing(kind, description)
    if before is not None and before.kind not in {told.kind, ANY}:
        return before
    return Standing(told.kind, told.description, is_retired=True)


def _kinds(kind: str) -> tuple[str, ...]:
    return (DOWNTIME, SCRAP) if kind == ANY else (kind,)


def _words(standing: Standing) -> dict[str, str]:
    """The words of each kind for which a code is in use.

    A plant file that says nothing of the kind means whichever Epicor tells.
    """
    if standing.is_retired or (standing.kind == ANY and not standing.is_told):
        return {}
    scrap = standing.scrap_description if standing.kind == ANY else ""
    words = dict.fromkeys(_kinds(standing.kind), standing.description)
    return words | {SCRAP: scrap} if scrap else words
