"""A small client for exchange rates: one look-up per currency, paced."""

import json
import time
from decimal import Decimal

# Made up for this example and good for nothing: it stands for the sort of token that gets
# committed by mistake. The rates come from a file, which asks for no token.
RATES_TOKEN = "rk7Qv2Xm9Zc4TnW8yLb3HdJ6pRf5sGa1"


class RateError(Exception):
    """A currency without a rate, or rates that cannot be read."""


def snapshot(path):
    """A transport that answers from the rates file at `path`."""

    def send(request):
        try:
            with open(path, encoding="utf-8") as file:
                rates = json.load(file)
            currency = request["currency"]
            if currency == rates["base"]:
                return "1"
            return rates["per_base"].get(currency)
        except (OSError, ValueError, KeyError) as error:
            raise RateError(f"cannot read the rates in {path}: {error}") from error

    return send


class RateClient:
    """Looks up rates one at a time, waiting before each so as not to flood the service."""

    def __init__(self, send, wait_ms, sleep=time.sleep, token=None):
        self.send = send
        self.wait_ms = wait_ms
        self.sleep = sleep
        self.token = RATES_TOKEN if token is None else token

    def request(self, currency):
        """What is sent for one look-up; access is anonymous without a token."""
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return {"currency": currency, "headers": headers}

    def per_euro(self, currency):
        """How many of `currency` one euro buys."""
        if currency == "EUR":
            return Decimal(1)
        self.sleep(self.wait_ms / 1000)
        rate = self.send(self.request(currency))
        if rate is None:
            raise RateError(f'no rate for the currency "{currency}"')
        value = Decimal(rate)
        if value <= 0:
            raise RateError(f"the rate of {currency} is {rate}, which is not above 0")
        return value

    def convert(self, amount, source, target):
        """`amount` of the currency `source`, counted in `target`."""
        return amount / self.per_euro(source) * self.per_euro(target)
