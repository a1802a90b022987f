"""`smtop` as a process with an environment of its own: no user's files, no AWS but the one that is named."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.cli.warm import run_warm
from tests.support.trust import QUICK_TRUST

SMTOP = Path(sys.executable).with_name("smtop")
PATIENCE_S = 60
TAGGED = "fraud-scorer-prod"
"""The endpoint of the small fleet that has the tag team=risk."""

_COLOUR = re.compile(r"\x1b\[")
_TALLY = re.compile(r" \(\d+ endpoints\)$")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON document; anything else on it is an error."""
        return json.loads(self.out)

    @property
    def sentences(self) -> list[str]:
        """The lines of narration, one for each thing that was said."""
        return [line.removeprefix("smtop: ") for line in self.err.splitlines() if line.startswith("smtop: ")]

    @property
    def has_colour(self) -> bool:
        return bool(_COLOUR.search(self.out + self.err))


@dataclass(frozen=True)
class Shell:
    """Runs `smtop` with these variables and no others."""

    environment: Mapping[str, str]
    home: Path

    def smtop(self, *arguments: str, **variables: str) -> Done:
        """Runs to the end, without the start of a Python; output is UTF-8."""
        with TemporaryDirectory() as made:
            folder = Path(made)
            code = run_warm(arguments, self.variables(variables), folder, PATIENCE_S)
            return Done(code, *((folder / name).read_text(encoding="utf-8") for name in ("out", "err")))

    def installed(self, *arguments: str, **variables: str) -> Done:
        """Runs the installed command to the end."""
        done = subprocess.run(
            [SMTOP, *arguments],
            env=self.variables(variables),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def snapshot(self, *arguments: str, **variables: str) -> Done:
        """`smtop snapshot --format json`."""
        return self.smtop("snapshot", "--format", "json", *arguments, **variables)

    @contextmanager
    def started(self, *arguments: str, **variables: str) -> Iterator["subprocess.Popen[str]"]:
        """A command that goes on; whatever of its process group is left at the end is killed."""
        with subprocess.Popen(
            [SMTOP, *arguments],
            env=self.variables(variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                if group_lives(process.pid):
                    os.killpg(process.pid, signal.SIGKILL)

    def variables(self, more: Mapping[str, str]) -> dict[str, str]:
        nowhere = {
            "AWS_CONFIG_FILE": str(self.home / "aws-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.home / "aws-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        folders = {f"XDG_{name}_HOME": str(self.home / name.lower()) for name in ("CONFIG", "STATE", "CACHE", "DATA")}
        ours = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8", "NO_PROXY": "127.0.0.1"}
        return ours | folders | nowhere | QUICK_TRUST | dict(self.environment) | dict(more)

    def without(self, *names: str) -> "Shell":
        """The same shell with fewer variables."""
        return Shell({name: value for name, value in self.environment.items() if name not in names}, self.home)


def group_lives(group: int) -> bool:
    """Whether any process of this process group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def count_sentences(text: str) -> int:
    """How many sentences a message has; a command at its end needs no full stop, and a number of endpoints has none."""
    text = _TALLY.sub("", text)
    closed = len(_SENTENCE_END.findall(text))
    return closed if text.endswith((".", "!", "?")) else closed + 1
