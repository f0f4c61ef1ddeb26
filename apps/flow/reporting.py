"""What the report commands print (FORMATS.md §4), as rows."""

from typing import Any

from apps.jobs.queries import completed_oper_ids, opers
from apps.lines.queries import policies
from apps.lines.types import LinePolicy
from apps.oee import groups, losses, summaries, timeline
from apps.oee.models import OeeSummary
from apps.oee.tails import tails
from apps.oee.types import SliceRow
from apps.oee.wire import seconds, worked_json
from apps.reasons.queries import descriptions
from apps.shared.instants import iso
from apps.states.queries import replay_now

_SUMMARY_KEY = ("company", "plant", "JobNum", "AssemblySeq", "OprSeq")
OWN_LABELS = {"": "Untagged", "~micro_stop": "Micro-stops, untagged", "~setup": "Setup, untagged"}


class UnknownLine(ValueError):
    """A report was asked for a line that does not exist."""


def now_or(clock_now: int) -> int:
    """ "now" for reports: the replayed instant where facts were replayed, else the clock's."""
    replayed = replay_now()
    return clock_now if replayed is None else replayed


def _policies(slug: str | None) -> list[LinePolicy]:
    found = policies([slug] if slug else None)
    if slug and slug not in found:
        raise UnknownLine(f"No line is called {slug!r}. `manage.py plant dump` lists them.")
    return list(found.values())


def oee_rows(*, by: str, start: int, end: int, line: str | None, now: int) -> list[dict[str, Any]]:
    """OEE by line, operation, job, part, shift or plant over [start, end)."""
    about = {"from": iso(start), "to": iso(end)}
    rows = []
    for row in groups.report(_policies(line), start, end, now, by):
        body = {"by": by, **row.key, **about, **worked_json(row.worked)}
        if by == "line":
            body["unresolved_s"] = seconds(row.unresolved)
            body["unbound_s"] = seconds(row.unbound)
        rows.append(body)
    return rows


def pareto_rows(
    *, by: str, start: int, end: int, line: str | None, job: str | None, measure: str, now: int
) -> list[dict[str, Any]]:
    """The Pareto of the losses over [start, end)."""
    found = _policies(line)
    labels = _labels(by, found)
    return [
        {
            "key": bar.key,
            "label": labels.get(bar.key, OWN_LABELS.get(bar.key, bar.key)),
            "seconds": seconds(bar.us),
            "stops": bar.stops,
            # Quotients of ints are the floats nearest to the exact shares.
            "share": bar.part / bar.whole if bar.whole else None,
            "cumulative": bar.so_far / bar.whole if bar.whole else None,
        }
        for bar in losses.pareto(found, start, end, now, by=by, measure=measure, job_num=job)
    ]


def _labels(by: str, found: list[LinePolicy]) -> dict[str, str]:
    if by == "reason":
        return descriptions({policy.company for policy in found})
    return {policy.slug: policy.name for policy in found} if by == "line" else {}


def slice_rows(*, line: str, start: int, end: int, now: int) -> list[dict[str, Any]]:
    """The partition of a line over [start, end), joining neighbours that print the same."""
    policy = _policies(line)[0]
    tail = tails([policy], now).get(policy.line_id)
    if tail is None:
        return []
    slices = timeline.slices(policy, tail, start, min(end, now))
    views = opers(row.oper_id for row in slices if row.oper_id is not None)
    rows: list[dict[str, Any]] = []
    for piece in slices:
        view = views.get(piece.oper_id) if piece.oper_id is not None else None
        body = {
            "bucket": str(piece.bucket),
            "JobNum": view.job_num if view else None,
            "AssemblySeq": view.assembly_seq if view else None,
            "OprSeq": view.opr_seq if view else None,
            "kind": piece.kind or None,
            "reason": piece.reason or None,
            "stop": stop_id(policy, piece),
        }
        if rows and {**rows[-1], "start": None, "end": None} == {"start": None, "end": None, **body}:
            rows[-1]["end"] = iso(piece.end)
        else:
            rows.append({"start": iso(piece.start), "end": iso(piece.end), **body})
    return rows


def stop_id(policy: LinePolicy, piece: SliceRow) -> str | None:
    """A stop's name: its line and when it began; None outside stops."""
    return None if piece.stop_start is None else f"{policy.slug}@{iso(piece.stop_start)}"


def summary_rows(*, job: str | None, now: int) -> list[dict[str, Any]]:
    """The summaries in force; what has changed since they were made is brought up to date first."""
    oper_ids = completed_oper_ids(job_num=job)
    summaries.refresh(oper_ids, now=now)
    views = opers(oper_ids)
    found = []
    for row in OeeSummary.objects.filter(oper_id__in=oper_ids):
        view = views[row.oper_id]
        key = {
            "company": view.company,
            "plant": view.plant,
            "JobNum": view.job_num,
            "AssemblySeq": view.assembly_seq,
            "OprSeq": view.opr_seq,
        }
        found.append({**key, "revision": row.revision, "made_at": iso(row.made_at), **row.figures})
    return sorted(found, key=lambda row: tuple(row[name] for name in _SUMMARY_KEY))
