"""Names of what is read from Epicor, and how often."""

# The cursor of the connection as a whole: its failures open the breaker.
WHOLE = "Epicor"
# Not a table: the mark of a worker that is looking.
LOOK = "look"

ACTIVE_LABOR = "LaborDtl, active"
LABOR = "LaborDtl"
RECENT_LABOR = "LaborDtl, last two days"
JOBS = "JobHead"
OPERS = "JobOper"
# How far the very first look got with the jobs on the floor.
FLOOR = "JobHead on the floor"
INDIRECTS = "Indirect"
REASONS = "Reason"

# Seconds between two reads of what changes slowly; everything else is read at each look.
EVERY_S = {INDIRECTS: 120, REASONS: 120, RECENT_LABOR: 3600}


def cut_off(table: str) -> str:
    """What the mark of a look is called that has not come to its end: how far it took in what it read of a table."""
    return f"{table}, cut off"


def seen(table: str) -> str:
    """The mark beside a table that is read by revision: the greatest one of the last look; its cursor lags one look."""
    return f"{table}, seen"
