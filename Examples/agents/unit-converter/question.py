"""What a question asks for: an amount, the unit it is in, and the unit wanted."""

import re
from decimal import Decimal

LENGTH_MAX = 200
NUMBER = r"(?P<amount>[-+]?[\d,]*\.?\d+)"
UNIT = r"°?[^\W\d_]+"
FORMS = [
    re.compile(
        rf"(?:convert |what is |what's )?{NUMBER} ?(?P<source>{UNIT})"
        rf" (?:to|in|into) (?P<target>{UNIT})"
    ),
    re.compile(
        rf"how (?:many|much) (?P<target>{UNIT}) (?:is|are|in) {NUMBER} ?(?P<source>{UNIT})"
    ),
]


class QuestionError(Exception):
    """A question that does not have the form of one."""


def parse(text):
    """The amount, source unit and target unit that `text` names."""
    if len(text) > LENGTH_MAX:
        raise QuestionError(f"the question has {len(text)} characters, the most is {LENGTH_MAX}")
    words = " ".join(text.split()).rstrip("?.! ")
    for form in FORMS:
        match = form.fullmatch(words) or form.fullmatch(words[:1].lower() + words[1:])
        if match:
            amount = Decimal(match["amount"].replace(",", ""))
            return amount, match["source"], match["target"]
    raise QuestionError(f'cannot read "{words}": ask like "convert 5 km to miles"')
