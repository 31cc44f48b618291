"""Improves an example agent end to end with a real daemon, and shows what happened.

Nothing here decides an outcome: the agent's own tests, the Guardian and a person's approval do.
Called by `make run`; KEEP=1 leaves the daemon serving.
"""

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
EXAMPLE = Path(__file__).parent / "agents" / "unit-converter"
ROOT = Path(f"/tmp/kaizen-run-{os.getuid()}")  # short: a Unix socket's path has 107 bytes
HOME, AGENT = ROOT / "home", ROOT / "unit-converter"
ENVIRONMENT = {**os.environ, "KAIZEN_HOME": str(HOME)}


def say(line=""):
    print(line, flush=True)


def kaizen(*words, shown=False):
    """Runs a command; its answer as JSON, or printed as a person would see it."""
    if shown:
        say(f"\n$ kaizen {' '.join(words)}")
        subprocess.run([PRODUCTS / "kaizen", *words], env=ENVIRONMENT, check=True)
        return None
    done = subprocess.run(
        [PRODUCTS / "kaizen", *words, "--json"], env=ENVIRONMENT, capture_output=True, text=True
    )
    if done.returncode != 0:
        sys.exit(f"kaizen {' '.join(words)} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def start_daemon():
    """Ends a daemon that an earlier KEEP=1 left on this home, and starts a new one."""
    left = subprocess.run(
        [PRODUCTS / "kaizen", "status", "--json"], env=ENVIRONMENT, capture_output=True, text=True
    )
    if left.returncode == 0:
        pid = json.loads(left.stdout)["pid"]
        os.kill(pid, signal.SIGTERM)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.05)
    shutil.rmtree(ROOT, ignore_errors=True)
    HOME.mkdir(parents=True)
    shutil.copytree(EXAMPLE, AGENT)
    log = open(ROOT / "kaizend.log", "wb")
    daemon = subprocess.Popen(
        [PRODUCTS / "kaizend", "--home", HOME], env=ENVIRONMENT, stdout=log, stderr=log,
        start_new_session=True,
    )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and daemon.poll() is None:
        ready = subprocess.run(
            [PRODUCTS / "kaizen", "status"], env=ENVIRONMENT, capture_output=True
        )
        if ready.returncode == 0:
            return daemon
        time.sleep(0.05)
    sys.exit(f"the daemon does not serve:\n{(ROOT / 'kaizend.log').read_text()}")


def operate(label):
    """Runs the agent's thirty questions for real, each through `kaizen exec`."""
    questions = (AGENT / "operations.txt").read_text().splitlines()
    failed, began = 0, time.monotonic()
    for number, question in enumerate(questions, 1):
        if sys.stdout.isatty():
            print(f"\r{label}: {number} of {len(questions)} operations", end="", flush=True)
        done = subprocess.run(
            [PRODUCTS / "kaizen", "exec", "unit-converter", "--", "python3", "agent.py", question],
            cwd=AGENT, env=ENVIRONMENT, capture_output=True,
        )
        failed += done.returncode != 0
    say(
        f"\r{label}: {len(questions)} operations in {time.monotonic() - began:.0f} s, "
        f"{failed} of them failed"
    )


def digest():
    """SHA-256 over the agent's files: names, modes and bytes."""
    total = hashlib.sha256()
    for path in sorted(AGENT.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(f"{path.relative_to(AGENT)} {path.stat().st_mode}\n".encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def optimize():
    return kaizen("optimize", "unit-converter", "--strategy", "comprehensive", "--wait")


def health_of(generation):
    rows = kaizen("health", "unit-converter")["generations"]
    return next((row for row in rows if row["generation"] == generation), None)


def figure(row):
    if row is None or row["score"] is None:
        return "n/a"
    return f"{row['score']:.1f} ({row['operations']} operations, mean {row['mean_ms']:.0f} ms)"


def live_generation():
    return kaizen("agent", "show", "unit-converter")["generation"]


def table(rows):
    headers = ("CHANGE", "VERDICT", "LIVE", "WHAT CHANGED", "WHY")
    cells = [headers, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headers) - 1)]
    for row in cells:
        start = "  ".join(text.ljust(width) for text, width in zip(row, widths))
        say(f"{start}  {row[-1]}")


def row_of(plan):
    changed = [
        line[1:].strip() for line in plan["trial"]["diff"].splitlines()
        if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    why = plan["reason"].split(":")[0] if plan["verdict"] == "rolled_back" else plan["reason"]
    files = ", ".join(change["path"] for change in plan["trial"]["changed"])
    short = " → ".join(changed) if len(changed) == 2 else f"{len(changed)} lines"
    return (
        plan["items"][0]["type"], plan["verdict"], "yes" if plan["was_live"] else "never",
        f"{files}: {short}"[:60], why,
    )


def improve():
    """Two optimizations and one approval; gives the rows of the table."""
    kaizen("agent", "add", str(AGENT))
    kaizen("status", shown=True)
    say()
    operate("before")
    before = health_of(live_generation())
    kaizen("analyze", "unit-converter", shown=True)

    say("\n== first optimization")
    untouched = digest()
    first = optimize()
    same = digest() == untouched
    for plan in first["plans"]:
        say(f"{plan['items'][0]['title']}: {plan['verdict']}")
        say(f"   {plan['reason']}")
    say(f"the live files are byte-identical: {'yes' if same else 'NO'} (sha256 {untouched[:16]}…)")

    say("\n== second optimization: the tuner knows what failed and tries its next value")
    second = optimize()
    for plan in second["plans"]:
        say(f"{plan['items'][0]['title']}: {plan['verdict']}, {plan['reason']}")

    waiting = kaizen("approvals", "list")["items"]
    approved = []
    for request in waiting:
        kaizen("approvals", "show", request["id"], shown=True)
        say(f"\n$ kaizen approvals approve {request['id']} --wait")
        run = kaizen("approvals", "approve", request["id"], "--wait")
        approved += run["plans"]
        say(f"{run['verdict']}: {run['reason']}")

    say()
    operate("after")
    after = health_of(live_generation())
    say(f"\nhealth before  {figure(before)}\nhealth after   {figure(after)}\n")
    rows = [row_of(plan) for plan in first["plans"] + second["plans"] if plan["trial"]]
    rows += [(f"{row[0]} (approved)", *row[1:]) for row in map(row_of, approved)]
    table(rows)
    verdicts = {plan["verdict"] for plan in first["plans"] + second["plans"]}
    missing = {"kept", "rolled_back", "awaiting_approval"} - verdicts
    if missing:
        say(f"\nthis time no change was {', '.join(sorted(missing))}: see {ROOT}/kaizend.log")
    return same and not missing, live_generation()


def main():
    began = time.monotonic()
    daemon = start_daemon()
    try:
        convinces, live = improve()
    finally:
        keep = os.environ.get("KEEP") == "1"
        if not keep:
            daemon.terminate()
            daemon.wait(timeout=30)
    say(f"\n{time.monotonic() - began:.0f} s. To look further:")
    if not keep:
        say(f"  {PRODUCTS}/kaizend --home {HOME} &")
    say(f"  export PATH={PRODUCTS}:$PATH KAIZEN_HOME={HOME}")
    for line in (
        "kaizen history unit-converter", f"kaizen diff unit-converter 1 {live}",
        "kaizen generations unit-converter", "kaizen rollback unit-converter --to 1",
        "kaizen audit verify", "kaizen plugins list",
    ):
        say(f"  {line}")
    if keep:
        say(f"the daemon serves on, as process {daemon.pid}; stop it with: kill {daemon.pid}")
    return 0 if convinces else 1


if __name__ == "__main__":
    sys.exit(main())
