"""Months of the big tables: made before rows need them, by whoever comes first, without holding readers up."""

import threading
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from apps.lines.models import Line
from apps.shared import partitions
from apps.shared.instants import DAY, HOUR, parse_us
from apps.shared.partitions import Month, month_of
from apps.states.models import StateChange
from apps.states.operations import record
from apps.states.types import Change, LineFacts, LineNow
from tests.make import boards

TABLE = "states_statechange"
MARCH = Month(2031, 3)
INSIDE = MARCH.start + 5 * DAY


@pytest.fixture
def line(db: None) -> Line:
    """A line to which rows can belong."""
    boards.plant("mill-1")
    return Line.objects.get(slug="mill-1")


@pytest.fixture
def committed(transactional_db: None) -> Iterator[Line]:
    """The same, seen by other connections; the months that the test made are dropped again."""
    boards.plant("mill-1")
    before = {partition.month for partition in partitions.of(TABLE)}
    yield Line.objects.get(slug="mill-1")
    StateChange.objects.all().delete()
    for partition in partitions.of(TABLE):
        if partition.month not in before:
            partitions.drop(TABLE, partition.month)
    partitions.forget()


def tell(line: Line, *instants: int) -> None:
    """Changes of state of a line, as the ingester's batch brings them."""
    changes = tuple(Change(at, "running", 0) for at in instants)
    record(line.pk, [LineFacts(line.slug, changes, (), (), LineNow())])


def where(at: int) -> str:
    """The partition that holds the change of an instant."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text FROM {TABLE} WHERE at = %s", [at])  # noqa: S608 - our own name
        return str(cursor.fetchone()[0])


class TestMonths:
    @pytest.mark.parametrize(
        ("at", "month"),
        [
            ("2026-03-01T00:00:00Z", (2026, 3)),
            ("2026-02-28T23:59:59.999999Z", (2026, 2)),
            ("2028-02-29T12:00:00Z", (2028, 2)),
            ("1969-12-31T23:59:59Z", (1969, 12)),
        ],
    )
    def test_an_instant_lies_in_one(self, at: str, month: tuple[int, int]) -> None:
        found = month_of(parse_us(at))

        assert found == month
        assert found.start <= parse_us(at) < found.end

    def test_they_follow_each_other(self) -> None:
        months = [Month(2025, 11).plus(step) for step in range(4)]

        assert months == [(2025, 11), (2025, 12), (2026, 1), (2026, 2)]
        assert all(before.end == after.start for before, after in pairwise(months))
        assert Month(2026, 1).plus(-1) == (2025, 12)

    def test_a_name_tells_the_month(self) -> None:
        assert MARCH.name("oee_slice") == "oee_slice_2031_03"


class TestWriting:
    def test_old_and_new_facts_are_kept_on_every_database(self, line: Line) -> None:
        instants = [parse_us("2019-05-05T00:00:00Z"), INSIDE, INSIDE + HOUR]

        tell(line, *instants)
        tell(line, *instants)

        assert list(StateChange.objects.order_by("at").values_list("at", flat=True)) == instants
        assert partitions.in_rest(TABLE) == 0

    @pytest.mark.postgres
    def test_rows_lie_in_their_month(self, line: Line) -> None:
        tell(line, INSIDE)

        assert where(INSIDE) == f"{TABLE}_2031_03"

    @pytest.mark.postgres
    def test_a_clock_that_is_decades_off_makes_no_month(self, line: Line) -> None:
        tell(line, 5)

        assert where(5) == f"{TABLE}_rest"
        assert partitions.in_rest(TABLE) == 1

    @pytest.mark.postgres
    def test_what_lies_in_the_rest_is_moved(self, line: Line, now: int) -> None:
        StateChange.objects.create(line=line, at=INSIDE, state="running")
        assert where(INSIDE) == f"{TABLE}_rest"

        made = partitions.tidy(TABLE, now, ahead=3)

        assert MARCH in made
        assert where(INSIDE) == f"{TABLE}_2031_03"
        assert {month_of(now).plus(step) for step in range(4)} <= {
            partition.month for partition in partitions.of(TABLE)
        }
        assert partitions.tidy(TABLE, now, ahead=3) == []

    @pytest.mark.postgres
    def test_a_month_that_is_rolled_back_is_made_again(self, committed: Line) -> None:
        with transaction.atomic():
            tell(committed, INSIDE)
            transaction.set_rollback(True)

        tell(committed, INSIDE)

        assert where(INSIDE) == f"{TABLE}_2031_03"


@pytest.mark.postgres
class TestTogether:
    def test_two_who_need_one_month_both_write(self, committed: Line) -> None:
        both = threading.Barrier(2)
        wrong: list[BaseException] = []

        def write(at: int) -> None:
            try:
                with transaction.atomic():
                    list(Line.objects.filter(pk=committed.pk))
                    both.wait(5)
                    tell(committed, at)
            except BaseException as problem:  # noqa: BLE001 - handed to the test's own thread
                wrong.append(problem)
            finally:
                connections.close_all()

        _together(lambda: write(INSIDE), lambda: write(INSIDE + 1))

        assert wrong == []
        assert StateChange.objects.count() == 2

    def test_a_reader_of_another_month_is_not_held_up(self, committed: Line) -> None:
        tell(committed, INSIDE)
        seen: list[int] = []

        def read() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = 2000")
            seen.append(StateChange.objects.filter(at__gte=MARCH.start, at__lt=MARCH.end).count())
            connections.close_all()

        with transaction.atomic():
            tell(committed, MARCH.end + DAY)
            _together(read)

        assert seen == [1]

    def test_who_can_not_have_the_lock_writes_into_the_rest(self, committed: Line) -> None:
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {TABLE}_rest")  # noqa: S608 - our own name
                held.set()
                done.wait(10)
            connections.close_all()

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(5)
        tell(committed, INSIDE)
        done.set()
        thread.join()

        assert where(INSIDE) == f"{TABLE}_rest"
        partitions.tidy(TABLE, INSIDE, ahead=0)
        assert where(INSIDE) == f"{TABLE}_2031_03"


@pytest.mark.postgres
class TestMigration:
    def test_there_and_back_keeps_every_row_and_rule(self, committed: Line) -> None:
        tell(committed, parse_us("2019-05-05T00:00:00Z"), INSIDE)
        rows = list(StateChange.objects.order_by("at").values_list("pk", "at", "state"))
        rules = _rules()

        call_command("migrate", "states", "0001", verbosity=0)
        try:
            assert partitions.of(TABLE) == []
            assert list(StateChange.objects.order_by("at").values_list("pk", "at", "state")) == rows
        finally:
            call_command("migrate", "states", verbosity=0)

        assert list(StateChange.objects.order_by("at").values_list("pk", "at", "state")) == rows
        assert _rules() == rules
        assert [partition.month for partition in partitions.of(TABLE)] == [(2019, 5), (2031, 3)]
        assert StateChange.objects.create(line=committed, at=INSIDE + 1, state="stopped").pk > max(
            row[0] for row in rows
        )


def _rules() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass ORDER BY 1",
            [TABLE],
        )
        return [tuple(row) for row in cursor.fetchall()]


def _together(*work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
