"""What the show in run.py stands on: a daemon, its commands, agents at work, and tables."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

PRODUCTS = Path(os.environ["KAIZEN_PRODUCTS"])
EXAMPLES = Path(__file__).resolve().parent
ROOT = Path(f"/tmp/kaizen-run-{os.getuid()}")  # short: a Unix socket's path has 107 bytes
HOME = ROOT / "home"
LOG = ROOT / "kaizend.log"
ENVIRONMENT = {**os.environ, "KAIZEN_HOME": str(HOME)}
READY_SECONDS_MAX = 10


def say(line=""):
    print(line, flush=True)


def run(*words):
    """Runs a command and gives what it printed, whatever its exit status."""
    return subprocess.run(
        [PRODUCTS / "kaizen", *words], env=ENVIRONMENT, capture_output=True, text=True
    )


def kaizen(*words):
    """A command's answer as JSON; ends the show where it failed."""
    done = run(*words, "--json")
    if done.returncode != 0:
        sys.exit(f"kaizen {' '.join(words)} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def show(*words):
    """Runs a command and prints it as a person would see it."""
    say(f"\n$ kaizen {' '.join(words)}")
    done = run(*words)
    say((done.stdout + done.stderr).rstrip())
    if done.returncode != 0:
        sys.exit(1)


class Daemon:
    """A kaizend on the show's own home."""

    def __init__(self):
        self.process = None

    def start(self):
        """Starts it and waits until it serves; gives how long that took, in seconds."""
        began = time.monotonic()
        with open(LOG, "ab") as log:
            self.process = subprocess.Popen(
                [PRODUCTS / "kaizend", "--home", HOME], env=ENVIRONMENT, stdout=log, stderr=log,
                start_new_session=True,
            )
        while self.process.poll() is None and time.monotonic() - began < READY_SECONDS_MAX:
            if run("status").returncode == 0:
                return time.monotonic() - began
            time.sleep(0.02)
        sys.exit(f"the daemon does not serve:\n{LOG.read_text()}")

    def kill(self):
        """As the kernel would, without a warning."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


def fresh_home(config):
    """Ends a daemon that an earlier KEEP=1 left on this home, and makes the home anew."""
    left = run("status", "--json")
    if left.returncode == 0:
        pid = json.loads(left.stdout)["pid"]
        os.kill(pid, signal.SIGTERM)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.05)
    shutil.rmtree(ROOT, ignore_errors=True)
    HOME.mkdir(parents=True)
    (HOME / "config.json").write_text(json.dumps(config))


class Agent:
    """One of the example agents, copied to where the show may change it."""

    def __init__(self, name, command):
        self.name = name
        self.command = command  # what runs one operation; its words come last
        self.folder = ROOT / name
        shutil.copytree(EXAMPLES / "agents" / name, self.folder)
        self.operations = [
            line for line in (self.folder / "operations.txt").read_text().splitlines() if line
        ]

    def add(self):
        say(f"$ kaizen agent add {self.folder}")
        tests = kaizen("agent", "add", str(self.folder))["tests"]
        say(f"{self.name}: {tests['outcome']}")

    def operate(self):
        """Runs its operations for real, each through `kaizen exec`; gives how many failed."""
        failed = 0
        for operation in self.operations:
            words = self.command + ([operation] if self.command[0] == "python3" else operation.split())
            done = subprocess.run(
                [PRODUCTS / "kaizen", "exec", self.name, "--", *words],
                cwd=self.folder, env=ENVIRONMENT, capture_output=True,
            )
            failed += done.returncode != 0
        return failed

    def digest(self):
        """SHA-256 over the agent's files: names, modes and bytes."""
        total = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                total.update(f"{path.relative_to(self.folder)} {path.stat().st_mode}\n".encode())
                total.update(path.read_bytes())
        return total.hexdigest()

    def optimize(self):
        return kaizen("optimize", self.name, "--strategy", "comprehensive", "--wait")

    def generation(self):
        return kaizen("agent", "show", self.name)["generation"]

    def health(self):
        """The live generation's own row of the health report."""
        live = self.generation()
        rows = kaizen("health", self.name)["generations"]
        return next((row for row in rows if row["generation"] == live), None)


def table(headers, rows):
    """Prints rows of text under their headers, the last column as wide as it likes."""
    cells = [headers, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headers) - 1)]
    for row in cells:
        start = "  ".join(text.ljust(width) for text, width in zip(row, widths))
        say(f"{start}  {row[-1]}")
