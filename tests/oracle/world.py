"""One plant file and some facts, with everything that follows from them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.oracle import facts as fact_lines
from tests.oracle import plant as plant_file
from tests.oracle.activities import Activity, activities, closings
from tests.oracle.jobs import Operation, OpKey, operations
from tests.oracle.plant import Line
from tests.oracle.slices import Story, tell


@dataclass
class World:
    config: plant_file.Config
    facts: fact_lines.Facts
    operations: dict[OpKey, Operation]
    stories: dict[str, Story] = field(default_factory=dict)

    def lines(self, slug: str | None = None) -> list[Story]:
        return [story for name, story in sorted(self.stories.items()) if slug in (None, name)]

    def finished(self) -> list[Operation]:
        """§10: "When an operation completes (or its job closes)", also one without any time."""
        events = list(self.facts.events.values())
        return [operation for key, operation in sorted(self.operations.items()) if closings(events, key)]


def on_line(world: World, line: Line, everyone: list[Activity]) -> list[Activity]:
    """§5: "An activity that names an unknown JobOper or unmapped resource … takes effect by itself once the missing row
    exists": until then it is left out."""
    return [
        activity
        for activity in everyone
        if activity.operation in world.operations
        and world.config.line_of(activity.key[0], activity.resource, activity.group) is line
    ]


def world_of(plant_toml: str, lines: Iterable[str]) -> World:
    """Reads both files and derives every line that was ever commissioned."""
    config, facts = plant_file.read(plant_toml), fact_lines.read(lines)
    world = World(config, facts, operations(facts.jobs))
    everyone = activities(list(facts.events.values()))
    for line in config.lines:
        story = tell(config, facts, on_line(world, line, everyone), line)
        if story is not None:
            world.stories[line.slug] = story
    return world
