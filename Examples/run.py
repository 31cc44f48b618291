"""Improves three example agents end to end with a real daemon, and shows what happened.

Nothing here decides an outcome: the agents' own tests, the Guardian and a person's approval do.
Called by `make run`; KEEP=1 leaves the daemon serving.
"""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import stage
from stage import EXAMPLES, HOME, PRODUCTS, Agent, Daemon, kaizen, say, show

# The show analyzes when it says so, not when the daemon would.
CONFIG = {"autopilot": {"mode": "off"}}
SWITCH_SECONDS_MAX = 20
OUTCOMES = {"kept", "rolled_back", "awaiting_approval"}


def heading(text):
    say(f"\n== {text}")


def operate(agents, when):
    """All agents at work at the same time."""
    began = time.monotonic()
    with ThreadPoolExecutor(len(agents)) as pool:
        failed = list(pool.map(Agent.operate, agents))
    counts = ", ".join(
        f"{agent.name} {len(agent.operations)} ({count} failed)"
        for agent, count in zip(agents, failed)
    )
    say(f"{when}: real operations in {time.monotonic() - began:.0f} s: {counts}")


def tell(run):
    for plan in run["plans"]:
        titles = "; ".join(item["title"] for item in plan["items"])
        say(f"{plan['verdict']}: {titles}\n   {plan['reason']}")


def drop_in_crasher():
    """Puts a plugin that crashes into the daemon's plugins; gives how often it was called."""
    heading("a plugin that crashes is dropped in; an analysis goes on without noticing")
    source, bundle = EXAMPLES / "plugins" / "crasher", HOME / "plugins" / "crasher"
    bundle.mkdir(parents=True)
    include = EXAMPLES.parent / "Sources" / "CKaizenPlugin" / "include"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-I", include, "-o", bundle / "libcrasher.so",
         source / "crasher.c"], check=True,
    )
    shutil.copy(source / "manifest.json", bundle)
    kaizen("plugins", "reload")


def remove_crasher(daemon_pid):
    component = kaizen("plugins", "show", "crasher")
    say(f"crasher: {component['failures']} of {component['calls']} calls failed: "
        f"{component['last_error']}")
    same = kaizen("status")["pid"] == daemon_pid
    say(f"the daemon is the same process: {'yes' if same else 'NO'}")
    shutil.rmtree(HOME / "plugins" / "crasher")
    kaizen("plugins", "reload")
    return same


def kill_in_switch(daemon, agent):
    """Kills the daemon once a new generation is live and before it is committed."""
    heading(f"SIGKILL in the middle of a switch of {agent.name}")
    before, inode = agent.digest(), agent.folder.stat().st_ino
    kaizen("optimize", agent.name, "--strategy", "comprehensive")
    deadline = time.monotonic() + SWITCH_SECONDS_MAX
    while agent.folder.stat().st_ino == inode:
        if time.monotonic() > deadline:
            say("no switch came")
            return False
        time.sleep(0.0005)
    daemon.kill()
    say(f"killed: the new files are live, their health is not yet known")
    seconds = daemon.start()
    plan = kaizen("history", agent.name)["items"][0]
    say(f"ready again after {seconds * 1000:.0f} ms, recovery included")
    say(f"{plan['verdict']}: {'; '.join(plan['titles'])}\n   {plan['reason']}")
    old = agent.digest() == before
    live = agent.generation()
    say(f"the files are the {'old' if old else 'new'} generation, whole: live is {live}")
    return old == (plan["verdict"] != "kept")


def approve(agents):
    """Shows and approves what waits; gives agent and plan of what came of it."""
    plans = []
    for request in kaizen("approvals", "list")["items"]:
        if request["state"] != "pending":
            continue
        show("approvals", "show", request["id"])
        say(f"\n$ kaizen approvals approve {request['id']} --wait")
        run = kaizen("approvals", "approve", request["id"], "--wait")
        say(f"{run['verdict']}: {run['reason']}")
        plans += [(request["agent"], plan) for plan in run["plans"]]
    return plans


def row_of(agent, plan, approved=False):
    changed = [
        line[1:].strip() for line in plan["trial"]["diff"].splitlines()
        if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    why = plan["reason"].split(":")[0] if plan["verdict"] == "rolled_back" else plan["reason"]
    files = ", ".join(change["path"] for change in plan["trial"]["changed"])
    short = " → ".join(changed) if len(changed) == 2 else f"{len(changed)} lines"
    kinds = ", ".join(sorted({item["type"] for item in plan["items"]}))
    kind = kinds + (" (approved)" if approved else "")
    return (
        agent, kind, plan["verdict"], "yes" if plan["was_live"] else "never",
        f"{files}: {short}"[:48], why,
    )


def figure(row):
    if row is None or row["score"] is None:
        return "n/a"
    return f"{row['score']:.1f} (mean {row['mean_ms']:.0f} ms)"


def improve(daemon):
    """The whole show; true where it convinces."""
    agents = [
        Agent("unit-converter", ["python3", "agent.py"]),
        Agent("log-triage", ["python3", "triage.py"]),
        Agent("deploy-helper", ["sh", "deploy.sh"]),
    ]
    units, triage, deploy = agents
    for agent in agents:
        agent.add()
    operate(agents, "before")
    before = {agent.name: agent.health() for agent in agents}

    pid = kaizen("status")["pid"]
    drop_in_crasher()
    show("analyze", units.name)
    same = remove_crasher(pid)

    heading(f"{units.name}: the tuner's first guess breaks its tests")
    untouched = units.digest()
    runs = {units.name: [units.optimize()]}
    tell(runs[units.name][0])
    intact = units.digest() == untouched
    say(f"the live files are byte-identical: {'yes' if intact else 'NO'} ({untouched[:16]}…)")
    heading(f"{units.name} again: the tuner knows what failed and tries its next value")
    runs[units.name].append(units.optimize())
    tell(runs[units.name][1])

    heading(f"{triage.name}: what its failures taught goes into its instructions")
    kaizen("learn", triage.name)
    show("learnings", triage.name)
    runs[triage.name] = [triage.optimize()]
    tell(runs[triage.name][0])
    say("\n" + (triage.folder / "AGENTS.md").read_text().strip())

    recovered = kill_in_switch(daemon, deploy)
    heading(f"{deploy.name}: once more, undisturbed")
    runs[deploy.name] = [deploy.optimize()]
    tell(runs[deploy.name][0])

    approved = approve(agents)
    say()
    operate(agents, "after")
    say()
    stage.table(
        ("AGENT", "HEALTH BEFORE", "HEALTH AFTER"),
        [(a.name, figure(before[a.name]), figure(a.health())) for a in agents],
    )
    say()
    rows = [
        row_of(name, plan)
        for name, done in runs.items() for one in done for plan in one["plans"] if plan["trial"]
    ]
    rows += [row_of(agent, plan, approved=True) for agent, plan in approved]
    stage.table(("AGENT", "CHANGE", "VERDICT", "LIVE", "WHAT CHANGED", "WHY"), rows)
    missing = OUTCOMES - {row[2] for row in rows}
    if missing:
        say(f"\nthis time no change was {', '.join(sorted(missing))}: see {stage.LOG}")
    return intact and same and recovered and not missing


def main():
    began = time.monotonic()
    stage.fresh_home(CONFIG)
    daemon = Daemon()
    keep = os.environ.get("KEEP") == "1"
    daemon.start()
    try:
        convinces = improve(daemon)
    finally:
        if not keep:
            daemon.stop()
    say(f"\n{time.monotonic() - began:.0f} s. To look further:")
    if not keep:
        say(f"  {PRODUCTS}/kaizend --home {HOME} &")
    say(f"  export PATH={PRODUCTS}:$PATH KAIZEN_HOME={HOME}")
    for line in (
        "kaizen history unit-converter --explain", "kaizen diff log-triage",
        "kaizen opportunities", "kaizen learnings log-triage",
        "kaizen generations deploy-helper", "kaizen rollback unit-converter --to 1",
        "kaizen audit verify", "kaizen plugins list",
    ):
        say(f"  {line}")
    if keep:
        say(f"the daemon serves on, as process {daemon.process.pid}; "
            f"stop it with: kill {daemon.process.pid}")
    return 0 if convinces else 1


if __name__ == "__main__":
    sys.exit(main())
