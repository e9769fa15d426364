"""The rate of a phase: a straight line, after a warm-up."""

import unittest

from longlens_training.schedule import rate


class ScheduleTest(unittest.TestCase):
    def test_falls_in_a_straight_line_and_stays_there(self):
        rates = [rate(done, (0.8, 0.2), all_done=1000, warmup=100) for done in (0, 0.5, 1, 1.2)]
        self.assertEqual([round(value, 6) for value in rates], [0.8, 0.5, 0.2, 0.2])

    def test_rises_while_the_optimiser_is_new(self):
        self.assertAlmostEqual(rate(0, (0.8, 0.2), all_done=25, warmup=100), 0.2)
        self.assertGreater(rate(0, (0.8, 0.2), all_done=0, warmup=100), 0)


if __name__ == "__main__":
    unittest.main()
