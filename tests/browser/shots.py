"""Pictures of every screen, theme and size into shots/: `make shots [ONLY=part of a name,part of another]`."""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "shots"


class Shot(NamedTuple):
    """One page in several sizes; `do` is a CSS path to click first, `wait` one to wait for."""

    name: str
    path: str
    sizes: tuple[tuple[int, int], ...]
    themes: tuple[str, ...] = ("light", "board")
    click: tuple[str, ...] = ()
    whole: bool = False


DESK = ((1440, 900), (1920, 1080), (390, 844))
WALL = ((1920, 1080), (1280, 720), (390, 844))
TABLET = ((1280, 800), (1024, 768), (800, 1280), (768, 1024))
SHOTS = (
    Shot("plant", "/", DESK, whole=True),
    Shot("plant-filtered", "/?state=stop", DESK[:1]),
    Shot("plant-none", "/?state=nosig&area=Machining", DESK[:1]),
    Shot("wall", "/?view=wall", WALL[:2], ("board", "light")),
    Shot("board-stopped", "/board/mill-1/", WALL, ("board", "light"), whole=True),
    Shot("board-running", "/board/mill-2/", WALL[:1], ("board",)),
    Shot("board-changeover", "/board/lathe-3/", WALL[:1], ("board",)),
    Shot("board-no-signal", "/board/press-400/", WALL[:1], ("board",)),
    Shot("board-micro", "/board/laser-2/", WALL[:1], ("board",)),
    Shot("board-no-job", "/board/pack-2/", WALL[:1], ("board", "light")),
    Shot("board-long", "/board/coating-2/", WALL[:1], ("board",)),
    Shot("tablet", "/tablet/mill-1/", TABLET),
    Shot("tablet-level2", "/tablet/mill-1/", TABLET[:1], ("light",), ('[data-kind="kind-0"]',)),
    Shot(
        "tablet-split",
        "/tablet/mill-1/",
        TABLET,
        ("light",),
        ('[data-group="need"] .t-item', '[data-open-sheet="split"]'),
    ),
    Shot(
        "tablet-scrap",
        "/tablet/mill-1/",
        TABLET,
        ("light",),
        ('[data-open-sheet="scrap"]', '[data-pad="scrap"] [data-digit="4"]', '[data-scrap-code="S120"]'),
    ),
    Shot(
        "tablet-comment",
        "/tablet/mill-1/",
        TABLET[:1],
        ("light",),
        ('[data-group="done"] .t-item', '[data-open-sheet="comment"]', "[data-phrase]"),
    ),
    Shot("tablet-clear", "/tablet/mill-2/", TABLET, ("light",)),
    Shot("tablet-no-signal", "/tablet/press-400/", TABLET[:1], ("light",)),
    # Last of the tablets: what is tapped is really saved.
    Shot(
        "tablet-tagged",
        "/tablet/mill-1/",
        TABLET[:1],
        ("light",),
        ('[data-group="need"] .t-item', '[data-code="D210"]:visible'),
    ),
    # After them, because a reason that was told late is behind these figures.
    Shot("working", "/working/mill-1/", DESK, whole=True),
    Shot("losses", "/losses/?line=mill-1,mill-2&days=14", DESK, whole=True),
    Shot("losses-lines", "/losses/?by=line&days=7", DESK[:1], whole=True),
    Shot("losses-empty", "/losses/?line=pack-2&job=004560-1", DESK[:1], ("light",), whole=True),
    Shot("me", "/me/", DESK[:1]),
    Shot("devices", "/devices/", DESK[:1]),
    Shot("pair", "/pair/", DESK[:1], ("light",)),
    Shot("not-found", "/nowhere/", DESK[:1], ("light",)),
)
# After all others: the past that they need is told to the lines of the plant.
JOBS = (
    Shot("jobs", "/jobs/", DESK, whole=True),
    Shot("jobs-next", "/jobs/?tab=next", DESK[:1], ("light",)),
    Shot("jobs-closed", "/jobs/?tab=closed", DESK[:1], ("light",)),
    Shot("jobs-none", "/jobs/?find=nothing+like+it", DESK[:1], ("light",)),
    Shot("job", "/jobs/NRVK/004512-1/", DESK, whole=True),
    Shot("job-running", "/jobs/NRVK/004477-3/", DESK[:1], ("board",), whole=True),
    Shot("job-50", "/jobs/NRVK/004600-1/", DESK, whole=True),
    Shot("job-done-operation", "/jobs/NRVK/004512-1/?op=10", DESK[:1], ("light",), whole=True),
    Shot("job-not-begun", "/jobs/NRVK/004611-1/", DESK[:1], ("board",)),
)


def main() -> None:
    """Build the made-up plant in a folder of its own, serve it, and take the pictures."""
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    data = tempfile.mkdtemp(prefix="jobline-shots-")
    os.environ["JOBLINE_DATA"] = data
    os.environ["TARGET_OEE_PERCENT"] = "80"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oee_site.settings")
    sys.path.insert(0, str(ROOT))
    try:
        _take(only)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _take(only: str) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from playwright.sync_api import sync_playwright

    from tests.browser.served import launch, served
    from tests.make.norvik import NOW, history, norvik, people
    from tests.make.orders import orders

    call_command("migrate", verbosity=0)
    plant = norvik()
    if not only or "loss" in only:
        history()
    boss = people(plant)
    OUT.mkdir(exist_ok=True)
    with served(NOW) as address, sync_playwright() as playwright:
        browser = launch(playwright)
        session = _session(boss)
        _each(SHOTS, only, browser, address, session)
        if any(_is_meant(shot, only) for shot in JOBS):
            orders()
            _each(JOBS, only, browser, address, session)
        browser.close()


def _each(shots: tuple[Shot, ...], only: str, browser: Any, address: str, session: str) -> None:
    for shot in shots:
        if _is_meant(shot, only):
            for theme in shot.themes:
                for width, height in shot.sizes:
                    _one(browser, address, session, shot, theme=theme, size=(width, height))


def _is_meant(shot: Shot, only: str) -> bool:
    return any(part in shot.name for part in only.split(","))


def _session(user: object) -> str:
    from django.test import Client

    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return str(client.cookies["sessionid"].value)


def _one(browser: Any, address: str, session: str, shot: Shot, *, theme: str, size: tuple[int, int]) -> None:
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height})
    host = address.split("//")[1].split(":", maxsplit=1)[0]
    context.add_cookies(
        [
            {"name": "sessionid", "value": session, "domain": host, "path": "/"},
            {"name": "theme_desk", "value": theme, "domain": host, "path": "/"},
            {"name": "theme_wall", "value": theme, "domain": host, "path": "/"},
        ]
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address + shot.path)
    for path in shot.click:
        page.locator(path).first.click()
    page.wait_for_timeout(350)
    page.screenshot(path=str(OUT / f"{shot.name}-{theme}-{width}.png"), full_page=shot.whole)
    context.close()
    for text in said:
        if "WebSocket" not in text:
            print(f"{shot.name} {theme} {width}: {text}")


if __name__ == "__main__":
    main()
