import unittest

import lines


class Reading(unittest.TestCase):
    def test_a_line_is_taken_apart(self):
        line = lines.read("2026-11-20T09:15:02 WARN payment: card declined\n")
        self.assertEqual((line.level, line.part, line.text), ("WARN", "payment", "card declined"))

    def test_a_time_in_utc_is_known(self):
        self.assertEqual(lines.read("2026-11-20T09:15:02Z INFO a: b").time, "2026-11-20T09:15:02")

    def test_another_format_is_refused(self):
        with self.assertRaisesRegex(lines.FormatError, "unknown line format"):
            lines.read("Nov 20 09:15:02 host payment[17]: card declined")

    def test_an_unknown_level_is_named(self):
        with self.assertRaisesRegex(lines.FormatError, "LOUD"):
            lines.read("2026-11-20T09:15:02 LOUD a: b")

    def test_from_warn_upwards_it_is_a_problem(self):
        for level in lines.LEVELS:
            line = lines.read(f"2026-11-20T09:15:02 {level} a: b")
            self.assertEqual(line.is_problem, level in ("WARN", "ERROR", "FATAL"))
