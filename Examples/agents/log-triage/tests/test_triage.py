import tempfile
import unittest
from pathlib import Path

import triage

LOG = """2026-11-20T09:00:00 INFO web: started
2026-11-20T09:00:01 WARN web: slow answer 812 ms
2026-11-20T09:00:02 WARN web: slow answer 905 ms
2026-11-20T09:00:03 ERROR store: cannot open /data/a.db
"""


class Problems(unittest.TestCase):
    def test_the_worst_level_comes_first(self):
        levels = [level for (level, _, _), _ in triage.problems(LOG)]
        self.assertEqual(levels, ["ERROR", "WARN"])

    def test_one_shape_is_counted_once(self):
        self.assertEqual(triage.problems(LOG)[1], (("WARN", "web", "slow answer <number> ms"), 2))

    def test_an_empty_log_has_none(self):
        self.assertEqual(triage.report(triage.problems("\n"), 3), ["no problems"])

    def test_what_is_not_shown_is_counted(self):
        found = [(("WARN", "a", str(number)), 1) for number in range(5)]
        self.assertEqual(triage.report(found, 3)[-1], "and 2 more")


class Settling(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "a.log"
        self.path.write_text(LOG)

    def test_a_quiet_log_is_waited_for_once(self):
        waits = []
        triage.settle(self.path, 20, waits.append)
        self.assertEqual(waits, [0.02])

    def test_a_growing_log_is_waited_for_again(self):
        def grow(_):
            if self.path.stat().st_size < 3 * len(LOG):
                self.path.write_text(self.path.read_text() + LOG)

        triage.settle(self.path, 20, grow)
        self.assertEqual(self.path.stat().st_size, 3 * len(LOG))

    def test_a_log_that_never_rests_is_read_all_the_same(self):
        count = []

        def grow(_):
            count.append(1)
            self.path.write_text(LOG * (len(count) + 1))

        triage.settle(self.path, 20, grow)
        self.assertEqual(len(count), 10)


class Settings(unittest.TestCase):
    def test_the_settings_are_in_range(self):
        self.assertGreaterEqual(triage.settings()["settle_ms"], 0)

    def test_the_self_check_passes(self):
        self.assertEqual(triage.self_check(), ["ok"])
