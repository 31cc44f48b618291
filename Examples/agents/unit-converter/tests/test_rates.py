import json
import os
import tempfile
import unittest
from decimal import Decimal

import rates


class RecordingSource:
    """Answers from a dict and keeps what it was asked."""

    def __init__(self, answers):
        self.answers = answers
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        return self.answers.get(request["currency"])


def client(source, wait_ms=0, slept=None, token=""):
    sleep = (lambda seconds: None) if slept is None else slept.append
    return rates.RateClient(source, wait_ms, sleep, token)


class Converting(unittest.TestCase):
    def setUp(self):
        self.source = RecordingSource({"USD": "1.25", "GBP": "0.80"})

    def test_from_the_euro(self):
        self.assertEqual(client(self.source).convert(Decimal(10), "EUR", "USD"), Decimal("12.5"))

    def test_to_the_euro(self):
        self.assertEqual(client(self.source).convert(Decimal(10), "USD", "EUR"), Decimal(8))

    def test_between_two_others_by_way_of_the_euro(self):
        self.assertEqual(client(self.source).convert(Decimal(10), "USD", "GBP"), Decimal("6.4"))

    def test_the_euro_itself_is_never_looked_up(self):
        client(self.source).convert(Decimal(10), "EUR", "USD")
        self.assertEqual([request["currency"] for request in self.source.requests], ["USD"])

    def test_an_unknown_currency_is_named(self):
        with self.assertRaisesRegex(rates.RateError, '"XQX"'):
            client(self.source).convert(Decimal(1), "EUR", "XQX")

    def test_a_rate_of_zero_is_refused(self):
        with self.assertRaisesRegex(rates.RateError, "not above 0"):
            client(RecordingSource({"USD": "0"})).per_euro("USD")


class Pacing(unittest.TestCase):
    def test_each_look_up_waits_as_long_as_configured(self):
        slept = []
        source = RecordingSource({"USD": "1.25", "GBP": "0.80"})
        client(source, 250, slept).convert(Decimal(1), "USD", "GBP")
        self.assertEqual(slept, [0.25, 0.25])

    def test_the_euro_costs_no_wait(self):
        slept = []
        client(RecordingSource({}), 250, slept).convert(Decimal(1), "EUR", "EUR")
        self.assertEqual(slept, [])


class Access(unittest.TestCase):
    def test_without_a_token_it_is_anonymous(self):
        self.assertNotIn("Authorization", client(None).request("USD")["headers"])

    def test_a_token_is_sent_as_bearer(self):
        headers = client(None, token="abc").request("USD")["headers"]
        self.assertEqual(headers["Authorization"], "Bearer abc")


class Snapshots(unittest.TestCase):
    def read(self, text, currency):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "rates.json")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return rates.snapshot(path)({"currency": currency})

    def test_a_rate_is_read_as_written(self):
        text = json.dumps({"base": "EUR", "per_base": {"USD": "1.0850"}})
        self.assertEqual(self.read(text, "USD"), "1.0850")

    def test_the_base_is_worth_1(self):
        self.assertEqual(self.read('{"base": "EUR", "per_base": {}}', "EUR"), "1")

    def test_broken_rates_are_refused_by_name(self):
        with self.assertRaisesRegex(rates.RateError, "cannot read the rates in .*rates.json"):
            self.read("{", "USD")

    def test_rates_without_a_base_are_refused(self):
        with self.assertRaises(rates.RateError):
            self.read("{}", "USD")
