import os
import subprocess
import sys
import tempfile
import unittest

import agent
import config

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(*arguments):
    return subprocess.run(
        [sys.executable, os.path.join(ROOT, "agent.py"), *arguments],
        capture_output=True, text=True, timeout=20, check=False,
    )


class Answers(unittest.TestCase):
    """With the settings the agent ships with; nothing is waited for."""

    def setUp(self):
        self.agent = agent.Agent(config.load(), sleep=lambda seconds: None)

    def test_a_length_has_three_decimals(self):
        self.assertEqual(self.agent.answer("convert 5 km to miles"), "5 km = 3.107 miles")

    def test_a_mass_has_three_decimals(self):
        self.assertEqual(self.agent.answer("convert 70 kg to pounds"), "70 kg = 154.324 pounds")

    def test_a_volume_has_three_decimals(self):
        self.assertEqual(self.agent.answer("2 litres in cups"), "2 litres = 8.454 cups")

    def test_a_temperature_has_three_decimals(self):
        self.assertEqual(self.agent.answer("what is 98.6 F in C?"), "98.6 F = 37.000 C")

    def test_a_half_is_rounded_away_from_zero(self):
        self.assertEqual(self.agent.answer("0.0125 g to kg"), "0.0125 g = 0.000 kg")
        self.assertEqual(self.agent.answer("62.5 mg to g"), "62.5 mg = 0.063 g")

    def test_currencies_go_through_the_rates(self):
        answer = self.agent.answer("convert 20 USD to EUR")
        self.assertRegex(answer, r"^20 USD = \d+\.\d{3} EUR$")

    def test_currencies_and_units_do_not_mix(self):
        with self.assertRaises(agent.units.UnitError):
            self.agent.answer("convert 20 USD to miles")

    def test_a_unit_in_capitals_is_no_currency(self):
        self.assertFalse(agent.is_currency("LBS"))
        self.assertTrue(agent.is_currency("EUR"))


class Settings(unittest.TestCase):
    def load(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "config.json")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return config.load(path)

    def test_a_precision_out_of_range_is_refused(self):
        with self.assertRaisesRegex(config.ConfigError, "precision must be a whole number"):
            self.load('{"precision": -1, "rate_wait_ms": 0}')

    def test_a_missing_wait_is_refused(self):
        with self.assertRaisesRegex(config.ConfigError, "rate_wait_ms .* found None"):
            self.load('{"precision": 2}')

    def test_broken_settings_are_refused_by_name(self):
        with self.assertRaisesRegex(config.ConfigError, "config.json"):
            self.load("{")

    def test_a_fraction_is_no_precision(self):
        with self.assertRaises(config.ConfigError):
            self.load('{"precision": 2.5, "rate_wait_ms": 0}')


class CommandLine(unittest.TestCase):
    def test_an_answer_is_one_line_and_status_0(self):
        result = run("convert 12 inches to feet")
        self.assertEqual((result.returncode, result.stdout), (0, "12 inches = 1.000 feet\n"))

    def test_an_unknown_unit_is_status_1_with_the_reason_on_stderr(self):
        result = run("convert 3 quarks to metres")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(result.stderr, 'UnitError: unknown unit "quarks"\n')

    def test_no_question_is_wrong_use(self):
        result = run()
        self.assertEqual(result.returncode, 2)
        self.assertIn("usage:", result.stderr)

    def test_the_self_check_passes(self):
        self.assertEqual(agent.self_check(config.load()), "ok")
