"""Folds what varies in a message, so that messages of one shape count as one."""

import re

VARYING = (
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"), "<address>"),
    (re.compile(r"\b[0-9a-f]{8,}\b"), "<id>"),
    (re.compile(r"(?<![\w<])/[\w./-]+"), "<path>"),
    (re.compile(r"\b\d+(?:\.\d+)?(?:ms|s|MB)?\b"), "<number>"),
)


def shape(text):
    """`text` with addresses, identifiers, paths and numbers replaced by their kind."""
    for pattern, kind in VARYING:
        text = pattern.sub(kind, text)
    return text
