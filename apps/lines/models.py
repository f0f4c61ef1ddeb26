"""Master data of the floor: companies, plants, areas, lines, shifts, and which Epicor resource is which line."""

from django.db import models


class Company(models.Model):
    """An Epicor company; each has its own dictionary, connection and jobs."""

    code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=80)


class Plant(models.Model):
    """An Epicor site. Shifts, breaks and the production day are local to its time zone."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="plants")
    code = models.CharField(max_length=8)
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=64)
    day_start = models.TimeField()
    # {"12": "M01"}: fault code to reason code, for lines that say nothing else.
    fault_reasons = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="plant_once_per_company")]


class Shift(models.Model):
    """A shift pattern of a plant: the weekdays on which it starts, and its breaks (times local to the plant)."""

    plant = models.ForeignKey(Plant, on_delete=models.CASCADE, related_name="shifts")
    name = models.CharField(max_length=40)
    # Monday is 0; the days on which the shift starts.
    days = models.JSONField(default=list)
    start = models.TimeField()
    # At or before `start`: the shift ends on the next day.
    end = models.TimeField()
    # [{"name", "start", "end"}] with HH:MM[:SS] local times.
    breaks = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plant", "name"], name="shift_name_once_per_plant")]


class ShiftException(models.Model):
    """A calendar date on which just the named shifts start; an empty list is a closed day."""

    plant = models.ForeignKey(Plant, on_delete=models.CASCADE, related_name="exceptions")
    date = models.DateField()
    shifts = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plant", "date"], name="exception_once_per_date")]


class Area(models.Model):
    """A part of a plant: a filter on the overview."""

    plant = models.ForeignKey(Plant, on_delete=models.CASCADE, related_name="areas")
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plant", "name"], name="area_name_once_per_plant")]


class Line(models.Model):
    """A line or machine: the unit that has one state, one binding and one board. `rev` rises when its figures change."""

    class Concurrent(models.TextChoices):
        FLAG = "flag"
        NEWEST = "newest"

    plant = models.ForeignKey(Plant, on_delete=models.PROTECT, related_name="lines")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="lines")
    slug = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    micro_stop_s = models.DecimalField(max_digits=12, decimal_places=6, default=120)
    debounce_s = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    stale_after_s = models.DecimalField(max_digits=12, decimal_places=6, default=10)
    max_rate_per_s = models.DecimalField(max_digits=16, decimal_places=6, default=10)
    # The line's default ideal cycle in seconds a part; null where the standard alone decides.
    ideal_cycle_s = models.FloatField(null=True)
    # {part number: seconds a part}, above every other source of the ideal cycle.
    part_cycles = models.JSONField(default=dict)
    concurrent_jobs = models.CharField(max_length=8, choices=Concurrent.choices, default=Concurrent.FLAG)
    no_job_reason = models.CharField(max_length=12, blank=True)
    # {"12": "M01"}: fault code to reason code; wins over the plant's.
    fault_reasons = models.JSONField(default=dict)
    # The plant file's `plc` table, word for word; `apps.plc` reads it.
    plc = models.JSONField(null=True)
    rev = models.BigIntegerField(default=0)


class WorkCenterMap(models.Model):
    """An Epicor resource, or a whole resource group, that is a line."""

    class Kind(models.TextChoices):
        RESOURCE = "resource"
        GROUP = "group"

    company = models.ForeignKey(Company, on_delete=models.CASCADE)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    code = models.CharField(max_length=20)
    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="work_centers")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "kind", "code"], name="resource_is_one_line"),
        ]
