"""Write requirements.lock and requirements-dev.lock from pyproject.toml: every package, exact, with hashes.

Run it as `make lock`; the versions stay as they are unless UPGRADE=1. Only this needs uv (one resolve for every
platform); installing needs pip alone. Addresses and paths of the machine that ran it stay out of the files.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"requirements.lock": [], "requirements-dev.lock": ["--group", "dev"]}
# Where pyproject's [tool.uv] says the locks hold; true of every line, so no line needs to say it.
EVERYWHERE = "platform_python_implementation == 'CPython' and sys_platform != 'win32'"
HEAD = "# Written by `make lock` from pyproject.toml. Installed with pip --require-hashes.\n"


def main() -> int:
    """Write both files; the exit code is 1, with a sentence, where that can't be done."""
    uv = shutil.which("uv", path=os.pathsep.join([str(ROOT / ".venv" / "bin"), os.environ.get("PATH", "")]))
    if uv is None:
        print("make lock needs uv: install it with `.venv/bin/pip install uv`, then run it again.", file=sys.stderr)
        return 1
    for name, extra in LOCKS.items():
        command = [uv, "pip", "compile", "pyproject.toml", *extra, "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-header", "--no-annotate", "--quiet", "--output-file", name]
        if os.environ.get("UPGRADE"):
            command.append("--upgrade")
        if subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode:
            print(f"{name} was not written.", file=sys.stderr)
            return 1
        path = ROOT / name
        path.write_text(HEAD + tidied(path.read_text(encoding="utf-8")), encoding="utf-8")
        print(f"{name}: {len(re.findall('^[a-z]', path.read_text(encoding='utf-8'), re.MULTILINE))} packages")
    return 0


def tidied(lines: str) -> str:
    """The lock without the marker that is true of every line and without comments."""
    bare = re.sub(r"^#.*\n", "", lines, flags=re.MULTILINE)
    return bare.replace(f" ; {EVERYWHERE}", "").replace(f" and {EVERYWHERE}", "")


if __name__ == "__main__":
    sys.exit(main())
