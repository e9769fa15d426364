"""The rate over the courses of the tower's stage."""

import unittest

from longlens_training.recipe import RECIPES
from longlens_training.train_tower import COURSES, course_rate


class CourseRate(unittest.TestCase):
    def test_rises_and_falls_in_straight_lines_to_almost_nothing(self) -> None:
        self.assertAlmostEqual(course_rate(COURSES, 0.005), 0.5)
        self.assertAlmostEqual(course_rate(COURSES, 0.037 - 1e-9), 1.0)
        self.assertAlmostEqual(course_rate(COURSES, (0.037 + 0.224) / 2), 0.875)
        self.assertAlmostEqual(course_rate(COURSES, 0.224 - 1e-9), 0.75, places=5)
        self.assertAlmostEqual(course_rate(COURSES, (0.224 + 0.746) / 2), 0.525)
        self.assertAlmostEqual(course_rate(COURSES, 0.746), 0.3)
        self.assertAlmostEqual(course_rate(COURSES, 1.0), 0.01)

    def test_courses_end_one_after_the_other_at_the_end_of_the_stage(self) -> None:
        for recipe in RECIPES.values():
            ends = [course.until for course in recipe.tower.courses]
            self.assertEqual(ends, sorted(ends))
            self.assertEqual(ends[-1], 1.0)


if __name__ == "__main__":
    unittest.main()
