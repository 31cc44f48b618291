"""Writes docs/api.md: every route of a running daemon's own description, tried with curl.

usage: document.py SOCKET AGENT >docs/api.md

What each route takes and answers stands in the description; what it said just now stands beside
it. SOCKET is the one of a running daemon that has AGENT.
"""

import json
import os
import re
import subprocess
import sys

LINES_MAX = 14
INTRO = """# The control interface

HTTP/1.1 with JSON on the daemon's Unix socket, `run/kaizen.sock` in its home. The daemon describes it itself, as
OpenAPI 3.1, at `GET /v1/openapi.json`: made of the route table and of what the decoders ask for, so that it cannot
drift from them. `make check-api` holds a running daemon to it with schemathesis. This page is written from the
same description (`Tests/CheckAPI/document.py`), with what a daemon answered.

## Rules that hold for all

- **Who may ask.** The socket has mode 0660. The kernel says which user connects; `root` and the daemon's own user are
  `admin`, `roles.operate` and `roles.feedback` in `config.json` name others, and whoever else the socket lets in
  may `read`. Each role may do what those before it may: `read`, `feedback`, `operate`, `admin`.
- **Requests.** A body is one JSON object. A member that is null counts as absent; one that nobody knows is refused, as
  is a query parameter that nobody knows or that is given twice. Bodies are at most 1 MiB, those of `/v1/feedback`
  64 MiB; a header is at most 16 KiB. At most 128 connections are served at once, further ones wait.
- **TCP.** Off unless `metrics.listen` names a port of the loopback address (`127.0.0.1:9464`, `[::1]:9464`, `localhost:9464`).
  There are `/metrics`, `/healthz` and `/readyz`, to read, for whoever asks with exactly that `Host`; a request with `Origin`, a
  body or another path is refused. At most 8 connections at once, 5 s of silence, 30 s in all.
- **Answers.** JSON with its members sorted. A member without a value is null, not left out. Lists are
  `{"count", "items", "more"}`, with at most `limit` items (100 unless said, 1,000 at most); `more` says that the limit cut
  some off.
- **Errors.** `{"error":{"code","message","hint"}}`; the code is stable, the words are for people. 400 not as described,
  403 not with that role, 404 no such thing, 405 another method (`Allow` says which), 409 not in this state, 413 too
  large, 422 understood and cannot be done, 429 a limit is reached, 500 a fault of the daemon's own, 503 starting or
  stopping, 507 the disk is full.
- **Asking again.** Every `GET` and `DELETE` may be repeated. A record of feedback with an `id` is stored once within
  24 hours. `freeze`, `unfreeze`, `enable`, `disable`, `autopilot` and `reload` leave the same state however often they are
  asked. A decision is taken once: a second one gets 409. `optimize`, `rollback` and `analyze` do their work again.
- **Stability.** Within `/v1` no route, parameter or member goes away or changes its meaning. Answers and enumerations may grow:
  let through what you do not know.

## Methods, commands and routes

What the optimization engine and the feedback loop do, by the name of each method: the command that has it done, and the
route that the command asks. A test runs every line against a daemon (`Tests/DaemonTests/Interface/MethodTableTests.swift`).

| method | command | route |
|---|---|---|
| analyze | `kaizen analyze AGENT` | `POST /v1/agents/{id}/analyze` |
| auto-optimize | `kaizen optimize AGENT --wait` | `POST /v1/agents/{id}/optimize` |
| optimization status | `kaizen status AGENT --json` | `GET /v1/agents/{id}/status` |
| optimization status, formatted | `kaizen status AGENT` | `GET /v1/agents/{id}/status` |
| agent health | `kaizen health AGENT` | `GET /v1/agents/{id}/health` |
| list of opportunities | `kaizen opportunities AGENT` | `GET /v1/agents/{id}/opportunities` |
| optimization history | `kaizen history AGENT` | `GET /v1/agents/{id}/history` |
| record feedback | `kaizen record AGENT performance --duration-ms 120` | `POST /v1/feedback` |
| record success | `kaizen record AGENT success` | `POST /v1/feedback` |
| record failure | `kaizen record AGENT failure --error-type TimeoutError` | `POST /v1/feedback` |
| record quality score | `kaizen record AGENT quality_score --score 0.9` | `POST /v1/feedback` |
| record user rating | `kaizen record AGENT user_rating --rating 4 --source user` | `POST /v1/feedback` |
| detect patterns | `kaizen learn AGENT` | `POST /v1/agents/{id}/learn` |
| patterns found | `kaizen patterns AGENT` | `GET /v1/patterns` |
| generate learnings | `kaizen learn AGENT` | `POST /v1/agents/{id}/learn` |
| learnings drawn | `kaizen learnings AGENT` | `GET /v1/learnings` |
| feedback summary | `kaizen summary AGENT` | `GET /v1/agents/{id}/summary` |
| feedback status | `kaizen status --json` | `GET /v1/status` |
| feedback status, formatted | `kaizen status` | `GET /v1/status` |
| feedback stats | `kaizen stats AGENT` | `GET /v1/stats` |

`/metrics` tells of the same work; every name has its unit, and `kaizen_insights_total` outlives a restart:

| metric | type | what |
|---|---|---|
| `kaizen_insights_total{type}` | counter | learnings drawn since the first record, those that have expired among them |
| `kaizen_insights_applied` | gauge | learnings that a generation has in its instructions |
| `kaizen_active_insights` | gauge | learnings that have not expired |
| `kaizen_knowledge_base_size` | gauge | patterns and learnings known |
| `kaizen_avg_response_time_seconds` | gauge | mean duration of an operation in the last 7 days |
| `kaizen_error_rate` | gauge | operations of the last 7 days that ended in an error, in percent |
| `kaizen_analysis_duration_seconds` | histogram | how long analyses took |
| `kaizen_agent_health{agent}` | gauge | health of the last 7 days, 0 to 100 |
"""
FAMILIES = [
    ("The daemon", ("/healthz", "/readyz", "/metrics", "/v1/openapi.json", "/v1/status", "/v1/stats",
                    "/v1/config", "/v1/events")),
    ("Feedback", ("/v1/feedback", "/v1/operations")),
    ("Agents and improvement", ("/v1/agents", "/v1/runs", "/v1/trials", "/v1/freeze", "/v1/unfreeze",
                                "/v1/freezes")),
    ("Decisions", ("/v1/approvals", "/v1/audit")),
    ("Components", ("/v1/plugins", "/v1/calls")),
    ("Others", ("/",)),
]


def curl(socket, method, target, body):
    words = ["curl", "-s", "--unix-socket", socket]
    if method != "GET":
        words += ["-X", method]
    if body is not None:
        words += ["-d", json.dumps(body)]
    done = subprocess.run([*words, "http://localhost" + target], capture_output=True, text=True, timeout=60)
    shown = ["curl -s --unix-socket $KAIZEN_HOME/run/kaizen.sock"]
    if method != "GET":
        shown.append("-X " + method)
    if body is not None:
        shown.append(f"-d '{json.dumps(body)}'")
    return " ".join([*shown, "http://localhost" + target]), done.stdout


def short(text, socket):
    home = os.path.dirname(os.path.dirname(os.path.dirname(socket)))
    text = text.replace(home, "/srv")
    # The root manifest lies beside the daemon, wherever that was built.
    text = re.sub(r'"/[^"]*/debug/manifest.json"', '"/usr/lib/kaizen/manifest.json"', text)
    try:
        text = json.dumps(json.loads(text), indent=1)
    except ValueError:
        pass
    lines = [line[:150] for line in text.splitlines()]
    return lines if len(lines) <= LINES_MAX else lines[:LINES_MAX] + ["…"]


def kind(schema):
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " or ".join(kind(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        return " ".join(f"`{word}`" for word in schema["enum"] if word is not None)
    types = schema.get("type", "any")
    types = types if isinstance(types, str) else " ".join(t for t in types if t != "null")
    if "pattern" in schema:
        return "id"
    if types == "array":
        return "list of " + kind(schema.get("items", {}))
    span = [str(schema[key]) for key in ("minimum", "maximum") if key in schema]
    if "maxLength" in schema:
        return f"text of {schema['minLength']}–{schema['maxLength']} bytes"
    if schema.get("maximum") == 2**63 - 1:
        return f"{types} ≥ {schema.get('minimum', 'any')}"
    return types + (" " + "–".join(span) if span else "")


def write(description, path, method, operation, socket, agent):
    print(f"### `{method.upper()} {path}`\n")
    print(f"{operation['summary'][0].upper()}{operation['summary'][1:]}. Role: `{operation['x-role']}`.\n")
    rows = [(p["name"], p["in"], kind(p["schema"]), p["required"]) for p in operation.get("parameters", [])]
    body = operation.get("requestBody")
    example = None
    if body:
        content = body["content"]["application/json"]
        example = content.get("example")
        schema = content["schema"]
        schema = description["components"]["schemas"][kind(schema)]
        rows += [(name, "body", kind(one), name in schema.get("required", []))
                 for name, one in sorted(schema["properties"].items())]
        if example is None and body["required"]:
            example = {}
    if rows:
        print("| name | in | value | needed |\n|---|---|---|---|")
        for name, where, value, needed in rows:
            print(f"| `{name}` | {where} | {value} | {'yes' if needed else ''} |")
        print()
    answer = operation["responses"]["200"]["content"]
    answer = kind(next(iter(answer.values()))["schema"])
    statuses = [status for status in sorted(operation["responses"]) if status != "200"]
    print(f"Answers with {answer}; refuses with {', '.join(statuses)}.\n")
    component = "success-rate"
    value = agent if path.startswith("/v1/agents") else component if "plugins" in path \
        else "r-1" if "runs" in path else "t-1" if "trials" in path else "a-1"
    target = path.replace("{id}", value)
    command, said = curl(socket, method.upper(), target, example)
    print("```console\n$ " + command)
    for line in short(said, socket):
        print(line)
    print("```\n")


def main():
    socket, agent = sys.argv[1], sys.argv[2]
    description = json.loads(curl(socket, "GET", "/v1/openapi.json", None)[1])
    print(INTRO)
    left = dict(description["paths"])
    for title, prefixes in FAMILIES:
        paths = [path for path in left if path.startswith(prefixes)]
        if not paths:
            continue
        print(f"## {title}\n")
        for path in sorted(paths):
            for method, operation in sorted(left.pop(path).items()):
                # What forgets the agent comes last, or the others would have none.
                if method != "delete":
                    write(description, path, method, operation, socket, agent)
    for path, methods in sorted(description["paths"].items()):
        if "delete" in methods:
            write(description, path, "delete", methods["delete"], socket, agent)


main()
