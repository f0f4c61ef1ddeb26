"""A ledger as text and as rows: what `manage.py explain` prints."""

from typing import Any

from apps.oee.explain import Counted, Ledger, alert_words, sentences
from apps.oee.wire import figures_json, number, seconds
from apps.shared.format import percent_sign
from apps.shared.instants import iso


def as_json(ledger: Ledger) -> dict[str, Any]:
    """Everything in the ledger, under the names of FORMATS.md where it has them."""
    policy = ledger.policy
    return {
        "line": policy.slug,
        "from": iso(ledger.start),
        "to": iso(ledger.end),
        "unaccounted_s": seconds(ledger.balance),
        **figures_json(ledger.figures),
        "unresolved_s": seconds(ledger.figures.unresolved),
        "unbound_s": seconds(ledger.figures.unbound),
        "operations": [
            {
                "JobNum": row.oper.job_num if row.oper else None,
                "AssemblySeq": row.oper.assembly_seq if row.oper else None,
                "OprSeq": row.oper.opr_seq if row.oper else None,
                "run_s": seconds(row.sums.running + row.sums.micro_stop),
                "good": row.sums.good,
                "reject": row.sums.reject,
                "ideal_cycle_s": None if row.cycle_s is None else number(row.cycle_s),
                "ideal_cycle_from": row.cycle_from,
            }
            for row in ledger.opers
        ],
        "counted": ledger.counted._asdict(),
        "alerts": [alert._asdict() | {"at": iso(alert.at)} for alert in ledger.alerts],
        "policy": {
            "time_zone": policy.calendar.time_zone,
            "micro_stop_s": seconds(policy.micro_stop_us),
            "debounce_s": seconds(policy.debounce_us),
            "stale_after_s": seconds(policy.stale_after_us),
            "max_rate_per_s": number(policy.max_rate_per_s),
            "concurrent_jobs": "newest" if policy.is_newest else "flag",
            "no_job_reason": policy.no_job_reason or None,
        },
        "late_facts": [
            {"at": iso(row.at), "from": iso(row.start), "to": iso(row.end), "why": row.why} for row in ledger.late
        ],
    }


def as_text(ledger: Ledger) -> str:
    """The working as a page for people."""
    figures = ledger.figures
    lines = [f"{ledger.policy.name} ({ledger.policy.slug}), {iso(ledger.start)} to {iso(ledger.end)}", "", "Time"]
    lines += [f"  {name:<12} {seconds(us):>14} s" for name, us in figures.buckets.items() if us]
    lines += [
        f"  {'all':<12} {seconds(ledger.end - ledger.start):>14} s, {seconds(ledger.balance)} s unaccounted",
        "",
        "Ratios",
    ]
    values = (figures.availability, figures.performance, figures.quality, figures.oee, figures.coverage)
    for (name, working), value in zip(sentences(ledger), values, strict=True):
        lines.append(f"  {name:<12} {percent_sign(value, 1):>8} = {working}")
    lines += ["", "Operations"]
    for row in ledger.opers:
        named = f"{row.oper.job_num}/{row.oper.assembly_seq}/{row.oper.opr_seq}" if row.oper else "no operation"
        cycle = "–" if row.cycle_s is None else f"{float(row.cycle_s):g} s"
        lines.append(
            f"  {named:<20} good {row.sums.good}, reject {row.sums.reject}, cycle {cycle} from {row.cycle_from}"
        )
    lines += ["", _counts(ledger.counted)]
    lines += [f"  {iso(alert.at)}: {alert_words(alert)}." for alert in ledger.alerts]
    if ledger.late:
        lines += ["", "Facts that were late"]
        lines += [f"  {iso(row.at)}: {iso(row.start)} to {iso(row.end)} restated. {row.why}." for row in ledger.late]
    return "\n".join(lines)


def _counts(counted: Counted) -> str:
    return (
        f"Counts: {counted.deltas} from {', '.join(counted.counters) or 'no counter'}; {counted.estimated} parts shared"
        f" over gaps, {counted.blind} while there was no signal, {counted.scrapped} moved to reject as scrap."
    )
