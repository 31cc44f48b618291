#!/usr/bin/env python3
"""Answers one question about units, given on the command line."""

import sys
import time
from decimal import ROUND_HALF_UP, Decimal

import config
import question
import rates
import units

CURRENCY_LENGTH = 3
ERRORS = (config.ConfigError, question.QuestionError, rates.RateError, units.UnitError)
USAGE = 'usage: agent.py "convert 5 km to miles" | agent.py --self-check'


class Agent:
    """Converts what a question asks for with the settings given."""

    def __init__(self, settings, sleep=time.sleep):
        self.precision = settings["precision"]
        send = rates.snapshot(settings["rates_file"])
        self.client = rates.RateClient(send, settings["rate_wait_ms"], sleep)

    def answer(self, text):
        """The answer in one line, rounded to the configured number of decimals."""
        amount, source, target = question.parse(text)
        if is_currency(source) and is_currency(target):
            result = self.client.convert(amount, source, target)
        else:
            result = units.convert(amount, source, target)
        return f"{amount} {source} = {self.rounded(result)} {target}"

    def rounded(self, value):
        """`value` to the configured number of decimals, halves away from zero."""
        return value.quantize(Decimal(1).scaleb(-self.precision), ROUND_HALF_UP)


def is_currency(word):
    """Whether `word` is written like a currency: EUR, USD."""
    return len(word) == CURRENCY_LENGTH and word.isupper() and units.find(word) is None


def self_check(settings):
    """Fails where settings, units or rates cannot give an answer; spends no wait."""
    agent = Agent(settings, sleep=lambda seconds: None)
    for text in ("1 km in m", "0 C in F", "1 EUR in USD"):
        agent.answer(text)
    return "ok"


def main(arguments):
    """Exit status 0 with the answer, 1 with what is wrong on stderr, 2 for wrong use."""
    if len(arguments) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        settings = config.load()
        if arguments[0] == "--self-check":
            print(self_check(settings))
        else:
            print(Agent(settings).answer(arguments[0]))
    except ERRORS as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
