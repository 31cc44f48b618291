"""Reads one line of a log: `2026-11-20T09:15:02 WARN payment: card declined`."""

import re
from dataclasses import dataclass

LEVELS = ("DEBUG", "INFO", "WARN", "ERROR", "FATAL")
FORM = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z? (?P<level>[A-Z]+) (?P<part>[\w-]+): (?P<text>.+)"
)


class FormatError(Exception):
    """A line that is not written as this agent knows it."""


@dataclass(frozen=True)
class Line:
    """One line of a log, taken apart."""

    time: str
    level: str
    part: str
    text: str

    @property
    def is_problem(self):
        """Whether somebody should look at it."""
        return LEVELS.index(self.level) >= LEVELS.index("WARN")


def read(text):
    """The line in `text`; a FormatError says what is wrong with it."""
    found = FORM.fullmatch(text.strip())
    if found is None:
        raise FormatError("unknown line format: expected TIME LEVEL part: text")
    if found["level"] not in LEVELS:
        raise FormatError(f"unknown level {found['level']}: expected one of {', '.join(LEVELS)}")
    return Line(found["time"], found["level"], found["part"], found["text"])
