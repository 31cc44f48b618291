#!/usr/bin/env python3
"""Says which problems of a log come first."""

import json
import sys
import time
from collections import Counter
from pathlib import Path

import lines
import shapes

USAGE = "usage: triage.py FILE | triage.py --self-check"
FOLDER = Path(__file__).parent


class SettingsError(Exception):
    """A config.json that cannot be used."""


def settings():
    """What config.json says, checked."""
    values = json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))
    for key, low, high in (("settle_ms", 0, 5000), ("top", 1, 20)):
        value = values.get(key)
        if not isinstance(value, int) or not low <= value <= high:
            raise SettingsError(f"config.json: {key} is {value!r}, expected {low} to {high}")
    return values


def settle(path, quiet_ms, sleep=time.sleep):
    """Waits until nothing was written to `path` for `quiet_ms`; at most ten times as long."""
    for _ in range(10):
        before = path.stat()
        sleep(quiet_ms / 1000)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            return


def problems(text):
    """Each problem with its level, part, shape and count: worst level first, then most frequent."""
    count = Counter()
    for written in text.splitlines():
        if written.strip():
            line = lines.read(written)
            if line.is_problem:
                count[(line.level, line.part, shapes.shape(line.text))] += 1
    rank = {level: number for number, level in enumerate(lines.LEVELS)}
    return sorted(count.items(), key=lambda item: (-rank[item[0][0]], -item[1], item[0]))


def report(found, top):
    """One line a problem."""
    if not found:
        return ["no problems"]
    shown = [f"{count:4} {level:5} {part}: {text}" for (level, part, text), count in found[:top]]
    left = len(found) - top
    return shown + ([f"and {left} more"] if left > 0 else [])


def self_check():
    """Fails where settings or the reading of a line do not work."""
    settings()
    assert problems("2026-11-20T09:15:02 WARN a: b 1\n") == [(("WARN", "a", "b <number>"), 1)]
    return ["ok"]


def main(arguments):
    """Exit status 0 with the report, 1 with what is wrong on stderr, 2 for wrong use."""
    if len(arguments) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        if arguments[0] == "--self-check":
            print("\n".join(self_check()))
        else:
            path, chosen = Path(arguments[0]), settings()
            settle(path, chosen["settle_ms"])
            found = problems(path.read_text(encoding="utf-8"))
            print("\n".join(report(found, chosen["top"])))
    except (lines.FormatError, SettingsError, OSError, ValueError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
