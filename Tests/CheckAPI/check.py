"""Checks a running kaizend against its own description with schemathesis.

usage: check.py PRODUCTS CACHE [--quick]

PRODUCTS is the folder with kaizend, CACHE where the virtual environment is kept. --quick takes a
few cases an operation, always the same ones. Exits with 77 and the reason where the tools cannot
be had.
"""

import json
import os
import pwd
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77
INSTALL_SECONDS_MAX = 120
START_SECONDS_MAX = 20
RUN_SECONDS_MAX = 900
SEED = 20261120
AGENT = "unit-converter"


def tools(cache):
    """The virtual environment's folder of programs; made where it is missing."""
    with open(os.path.join(HERE, "requirements.txt")) as file:
        wanted = file.read()
    stamp = os.path.join(cache, "installed")
    programs = os.path.join(cache, "venv", "bin")
    if os.path.exists(stamp) and open(stamp).read() == wanted:
        return programs
    os.makedirs(cache, exist_ok=True)
    try:
        subprocess.run(
            [sys.executable, "-m", "venv", os.path.join(cache, "venv")],
            check=True, capture_output=True, timeout=INSTALL_SECONDS_MAX)
        subprocess.run(
            [os.path.join(programs, "pip"), "install", "--quiet", "--disable-pip-version-check",
             "-r", os.path.join(HERE, "requirements.txt")],
            check=True, capture_output=True, timeout=INSTALL_SECONDS_MAX)
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
        print(f"skipped: the tools cannot be installed: {error} {said[-400:]}")
        sys.exit(SKIPPED)
    with open(stamp, "w") as file:
        file.write(wanted)
    return programs


class Bridge(socketserver.ThreadingTCPServer):
    """A TCP port of this host's loopback before a Unix socket, byte for byte."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, path):
        self.path = path
        super().__init__(("127.0.0.1", 0), Ends)


class Ends(socketserver.BaseRequestHandler):
    def handle(self):
        with socket.socket(socket.AF_UNIX) as inner:
            inner.connect(self.server.path)
            back = threading.Thread(target=copy, args=(inner, self.request), daemon=True)
            back.start()
            copy(self.request, inner)
            back.join()


def copy(source, target):
    try:
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def ask(programs, home, *words):
    return subprocess.run(
        [os.path.join(programs, "kaizen"), *words], env={**os.environ, "KAIZEN_HOME": home},
        capture_output=True, text=True, timeout=120)


def user():
    """Where root checks, the daemon runs as somebody else: paths it is given are made up."""
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam("nobody")


def start(products, folder, who):
    """A daemon with one agent and some feedback."""
    home = os.path.join(folder, "home")
    agent = os.path.join(folder, AGENT)
    os.makedirs(home)
    os.makedirs(agent)
    with open(os.path.join(agent, "agent.json"), "w") as file:
        json.dump({"id": AGENT, "sla_ms": 100}, file)
    if who:
        for path in (folder, home, agent, os.path.join(agent, "agent.json")):
            os.chown(path, who.pw_uid, who.pw_gid)
    identity = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {}
    log = open(os.path.join(folder, "kaizend.log"), "w")
    daemon = subprocess.Popen(
        [os.path.join(products, "kaizend"), "--home", home], stdout=log, stderr=log,
        env={"PATH": os.environ["PATH"]}, **identity)
    path = os.path.join(home, "run", "kaizen.sock")
    limit = time.monotonic() + START_SECONDS_MAX
    while not os.path.exists(path):
        if daemon.poll() is not None or time.monotonic() > limit:
            sys.exit("kaizend did not start:\n" + open(log.name).read())
        time.sleep(0.01)
    added = ask(products, home, "agent", "add", agent)
    if added.returncode != 0:
        daemon.kill()
        sys.exit("the agent was not added:\n" + added.stdout + added.stderr)
    for number in range(20):
        kind = "failure" if number % 4 == 0 else "success"
        record = {"agent_id": AGENT, "operation_id": f"op-{number}", "type": kind,
                  "duration_ms": 150}
        if kind == "failure":
            record["error_type"] = "TimeoutError"
        subprocess.run(
            [os.path.join(products, "kaizen"), "record", "--ndjson", "-"],
            input=json.dumps(record) + "\n", text=True, check=True, capture_output=True,
            env={**os.environ, "KAIZEN_HOME": home})
    ask(products, home, "optimize", AGENT, "--wait")
    return daemon, path


# Well formed, and refused for what the daemon knows beyond the form: the caller's role, no such
# agent, another state, a path that does not exist or a time outside the window, a full limit.
REFUSALS = {"403", "404", "409", "422", "429"}
# Not as described: the form, an id that cannot be one, a body where none is taken.
REJECTIONS = {"400", "404", "413"}
# A record is read by rules that no schema can say, and refused line by line.
BY_RECORD = {"POST /v1/feedback": {"422"}, "POST /v1/operations": {"422"}}


def configuration(port, cache):
    """Writes what each operation may answer with: what the description declares, and no more.

    https://schemathesis.readthedocs.io/en/stable/reference/configuration/
    """
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/openapi.json") as answer:
        description = json.load(answer)
    lines = []
    for path, methods in sorted(description["paths"].items()):
        for method, operation in sorted(methods.items()):
            name, declared = f"{method.upper()} {path}", set(operation["responses"])
            negative = (REJECTIONS | BY_RECORD.get(name, set())) & declared
            lines += [
                "[[operations]]", f'include-name = "{name}"',
                f"checks.positive_data_acceptance.expected-statuses = "
                f"{json.dumps(['2xx', *sorted(REFUSALS & declared)])}",
                f"checks.negative_data_rejection.expected-statuses = {json.dumps(sorted(negative))}",
            ]
    file = os.path.join(cache, "schemathesis.toml")
    with open(file, "w") as output:
        output.write("\n".join(lines) + "\n")
    return file


def check(programs, cache, port, quick):
    """Runs schemathesis with all its checks; True where nothing failed."""
    # One worker: the order of requests is the same each time, and two threads at once run into
    # CPython's "AST constructor recursion depth mismatch" (https://github.com/python/cpython/issues/106905).
    address = f"http://127.0.0.1:{port}"
    cases = ["--max-examples", "3", "--no-shrink", "--phases", "examples,coverage,fuzzing"] \
        if quick else ["--max-examples", "60"]
    done = subprocess.run(
        [os.path.join(programs, "schemathesis"), "--config-file", configuration(port, cache), "run", address + "/v1/openapi.json",
         "--url", address, "--checks", "all", "--seed", str(SEED), "--generation-deterministic",
         "--request-timeout", "60", "--workers", "1", *cases],
        timeout=RUN_SECONDS_MAX, cwd=cache)
    return done.returncode == 0


METRICS = r"""
import sys, urllib.request
from prometheus_client.parser import text_string_to_metric_families as parse
families = {family.name: family for family in parse(urllib.request.urlopen(sys.argv[1]).read().decode())}
for name, kind in [("kaizen_avg_response_time_seconds", "gauge"), ("kaizen_error_rate", "gauge"),
                   ("kaizen_analysis_duration_seconds", "histogram"), ("kaizen_agent_health", "gauge"),
                   ("kaizen_insights", "counter"), ("kaizen_feedback_records", "counter")]:
    assert name in families, f"no {name}"
    assert families[name].type == kind, f"{name} is a {families[name].type}, no {kind}"
    assert families[name].documentation, f"{name} has no help"
"""


def metrics_parse(programs, port):
    """Whether Prometheus' own parser reads /metrics, and finds what must be there."""
    done = subprocess.run(
        [os.path.join(programs, "python3"), "-c", METRICS, f"http://127.0.0.1:{port}/metrics"])
    return done.returncode == 0


def main():
    products, cache = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    quick = "--quick" in sys.argv[3:]
    programs = tools(cache)
    folder = tempfile.mkdtemp(prefix="kz-api-", dir="/tmp")
    os.chmod(folder, 0o755)
    daemon, path = start(products, folder, user())
    bridge = Bridge(path)
    threading.Thread(target=bridge.serve_forever, daemon=True).start()
    try:
        passed = metrics_parse(programs, bridge.server_address[1])
        passed = passed and check(programs, cache, bridge.server_address[1], quick)
        if daemon.poll() is not None:
            print(f"kaizend ended with {daemon.returncode}")
            passed = False
        if not passed:
            print(open(os.path.join(folder, "kaizend.log")).read()[-4000:])
        return 0 if passed else 1
    finally:
        daemon.terminate()
        try:
            daemon.wait(30)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()
        bridge.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


sys.exit(main())
