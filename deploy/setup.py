"""Make .venv from a lock file, only when the lock has changed since; the standard library alone.

`setup.py run` installs what Jobline needs to run, `setup.py dev` that and what tests and checks need. A stamp in
.venv holds the hash of the lock that was installed last. What can't be done ends with one sentence and exit code 1.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# The dev lock holds everything of the other with the same versions: tests/architecture keeps it so.
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}


class SetupProblem(Exception):
    """Set-up can't go on; the message tells a person what to do."""


def main() -> int:
    """Bring .venv up to date. 0, or 1 with a sentence on stderr."""
    want = sys.argv[1] if len(sys.argv) > 1 else "run"
    try:
        with_lock(lambda: None if is_ready(want) else install(want))
    except SetupProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next make goes on from here.", file=sys.stderr)
        return 130
    return 0


def with_lock(work: Callable[[], None]) -> None:
    """Run it while no other set-up of this folder runs: two makes at once are one install."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        work()
    finally:
        os.close(folder)


def is_ready(want: str) -> bool:
    """Whether what is wanted, or more, was installed from the lock as it is now."""
    return PYTHON.exists() and any(stamped(kind) == [digest(kind), str(VENV)] for kind in ("dev", want))


def stamped(kind: str) -> list[str]:
    """Which lock was installed last, and where; [] if none was."""
    stamp = VENV / f".installed-{kind}"
    return stamp.read_text(encoding="utf-8").splitlines() if stamp.exists() else []


def digest(kind: str) -> str:
    """The hash of a lock."""
    return hashlib.sha256((ROOT / LOCKS[kind]).read_bytes()).hexdigest()


def install(want: str) -> None:
    """Make .venv if need be and install the lock into it."""
    if not os.access(ROOT, os.W_OK):
        raise SetupProblem("This folder can't be written to: copy it to one that can, then run make there.")
    if not works():
        make_venv()
    lock = LOCKS[want]
    total = len(re.findall(r"^[a-z0-9]", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
    print(f"Installing {total} packages from {lock} into .venv (once)", file=sys.stderr)
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "--no-input", "-r", lock]
    pip = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = follow(pip.stdout or (), total)
    if pip.wait():
        (VENV / "setup.log").write_text("\n".join(said) + "\n", encoding="utf-8")
        raise SetupProblem(cause_of(said))
    (VENV / f".installed-{want}").write_text(f"{digest(want)}\n{VENV}\n", encoding="utf-8")


def works() -> bool:
    """Whether .venv has a Python that starts and is new enough, and was made here (its programs name their folder)."""
    if not PYTHON.exists() or any(stamped(kind)[1:] not in ([], [str(VENV)]) for kind in LOCKS):
        return False
    ask = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([str(PYTHON), "-c", ask], capture_output=True, check=False).returncode == 0


def make_venv() -> None:
    """A new .venv of the Python that runs this."""
    try:
        import ensurepip  # noqa: F401, PLC0415 -- Debian packs it apart, and venv needs it
        import venv  # noqa: F401, PLC0415
    except ImportError:
        raise SetupProblem(
            "Python's venv module is not installed: run `apt-get install python3-venv` as root, then make again."
        ) from None
    print(f"Making .venv with Python {sys.version.split()[0]}", file=sys.stderr)
    if VENV.exists():
        shutil.rmtree(VENV)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        why = (made.stderr or made.stdout).strip().splitlines()
        raise SetupProblem(f".venv could not be made: {why[-1] if why else 'python -m venv failed'}")


def follow(lines: Iterable[str], total: int) -> list[str]:
    """Show how far pip is; return what it said."""
    said = []
    seen = set()
    for line in lines:
        said.append(line.rstrip())
        # "Processing" is a wheel that lies on this machine.
        found = re.match(r"(?:Collecting|Requirement already satisfied:|Processing .*/) ?([A-Za-z0-9._]+)", line)
        if found:
            seen.add(found.group(1))
            show(f"[{min(len(seen), total)}/{total}] {found.group(1)}", is_step=len(seen) % 20 == 0)
        elif line.startswith("Installing collected packages"):
            show("Unpacking, about half a minute", is_step=True)
    show("", is_step=False)
    return said


def show(text: str, *, is_step: bool) -> None:
    """One line that is written over on a terminal; elsewhere only every so many steps get a line."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + text)
    elif is_step:
        sys.stderr.write(text + "\n")
    sys.stderr.flush()


def cause_of(said: list[str]) -> str:
    """The sentence for a failed pip."""
    log = " (all of it is in .venv/setup.log)"
    text = "\n".join(said)
    if "DO NOT MATCH THE HASHES" in text:
        return "A package is not the one in the lock: nothing was installed; ask who runs your package mirror." + log
    if "No space left" in text:
        return "The disk is full: free about 400 MB, then run make again." + log
    if re.search(r"Retrying \(|ConnectionError|Temporary failure in name|Max retries|Network is", text):
        return "The package index can't be reached: connect this machine to the network, then run make again." + log
    if "No matching distribution" in text or "Could not find a version" in text:
        return "A package of the lock was not found: check pip's index setting and the network, then make again." + log
    errors = [line for line in said if line.startswith("ERROR")]
    return f"pip could not install the lock: {errors[-1] if errors else 'it gave no reason'}{log}"


if __name__ == "__main__":
    sys.exit(main())
