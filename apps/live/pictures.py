"""The newest message of each watched line, composed once and kept as the text that every socket gets."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db import close_old_connections

from apps.live.board import plant_message
from apps.live.compose import compose, machine_ahead, tile_of
from apps.live.read import board_facts
from apps.live.types import BoardFacts, BoardMessage, Machine

Made = tuple[int, int, int]  # at, good, reject


class Pictures:
    """Facts, messages and texts by slug; lives on the hub's loop."""

    def __init__(self, boot: str) -> None:
        self.boot = boot
        self._facts: dict[str, BoardFacts] = {}
        self._boards: dict[str, BoardMessage] = {}
        self._texts: dict[str, str] = {}
        self._tiles: dict[str, str] = {}
        self._made: dict[str, list[Made]] = {}
        self._machines: dict[str, tuple[int, Machine]] = {}
        self._stirred: set[str] = set()

    @staticmethod
    def read(slugs: list[str], now: int) -> dict[str, BoardFacts]:
        """What the tables say of these lines; the only part that runs in the hub's thread."""
        close_old_connections()
        try:
            return board_facts(slugs, now)
        finally:
            close_old_connections()

    def take(self, facts: BoardFacts, now: int) -> None:
        """Show these facts from now on. What the ingester said of later samples stays on top of them."""
        slug = facts.policy.slug
        self._facts[slug] = facts
        known = facts.machine.last_good_at or 0
        self._made[slug] = [made for made in self._made.get(slug, []) if made[0] > known]
        self._compose(slug, now)

    def ahead(self, slug: str, ahead: Mapping[str, Any], now: int) -> bool:
        """Take what a sample showed, ahead of the figures; True where the state changed and must be shown at once."""
        facts = self._facts.get(slug)
        if facts is None:
            return False
        at = int(ahead["at"])
        before = self._machine(facts)
        machine = machine_ahead(before, ahead)
        self._machines[slug] = (at, machine)
        good, reject = int(ahead.get("good", 0)), int(ahead.get("reject", 0))
        if (good or reject) and at > (facts.machine.last_good_at or 0):
            self._made.setdefault(slug, []).append((at, good, reject))
            self._stirred.add(slug)
        if (machine.state, machine.since, machine.fault) == (before.state, before.since, before.fault):
            return False
        self._compose(slug, now)
        return True

    def stirred(self, now: int) -> list[str]:
        """The lines whose counts moved ahead of the figures, composed again."""
        slugs = sorted(slug for slug in self._stirred if slug in self._facts)
        self._stirred.clear()
        for slug in slugs:
            self._compose(slug, now)
        return slugs

    def rev(self, slug: str) -> int:
        """The rev of the figures that are shown; -1 while there are none."""
        return self._facts[slug].rev if slug in self._facts else -1

    def board(self, slug: str) -> str:
        """The text for a board's socket; "" while there is none."""
        return self._texts.get(slug, "")

    def tile(self, slug: str) -> str:
        """The text for a plant page's socket; "" while there is none."""
        if slug in self._boards and slug not in self._tiles:
            self._tiles[slug] = _text(tile_of(self._boards[slug]))
        return self._tiles.get(slug, "")

    def plant(self, plant: str, slugs: Iterable[str], now: int) -> str:
        """The head of a plant page over its lines."""
        boards = {slug: self._boards[slug] for slug in slugs if slug in self._boards}
        facts = {slug: self._facts[slug] for slug in boards}
        return _text(plant_message(plant, facts, boards, boot=self.boot, now=now))

    def beat(self, now: int) -> str:
        """That the server lives."""
        return _text({"kind": "beat", "boot": self.boot, "rev": 0, "t": now // 1000})

    def forget(self, slugs: Iterable[str]) -> None:
        """Keep nothing of lines that nobody watches: it would be old when someone does again."""
        for slug in slugs:
            for kept in (self._facts, self._boards, self._texts, self._tiles, self._made, self._machines):
                kept.pop(slug, None)

    def _machine(self, facts: BoardFacts) -> Machine:
        at, machine = self._machines.get(facts.policy.slug, (0, facts.machine))
        return machine if at > (facts.machine.last_good_at or 0) else facts.machine

    def _compose(self, slug: str, now: int) -> None:
        facts = self._facts[slug]
        machine = self._machine(facts)
        made = self._made.get(slug, [])
        is_ahead = machine is not facts.machine or bool(made)
        progress = facts.progress
        if progress is not None and made:
            good, reject = sum(row[1] for row in made), sum(row[2] for row in made)
            progress = replace(progress, good=progress.good + good, reject=progress.reject + reject)
        shown = replace(facts, machine=machine, progress=progress) if is_ahead else facts
        board = compose(shown, boot=self.boot, now=now, provisional=is_ahead)
        self._boards[slug] = board
        self._texts[slug] = _text(board)
        self._tiles.pop(slug, None)


def _text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)
