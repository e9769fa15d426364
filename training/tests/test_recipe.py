"""A run needs the banks of the phases that it has before it."""

import unittest

from longlens_training.recipe import RECIPES


class Banks(unittest.TestCase):
    def test_every_phase_has_a_bank_of_its_recipe(self):
        for recipe in RECIPES.values():
            self.assertEqual(recipe.banks.keys(), {phase.bank for phase in recipe.phases})

    def test_a_bank_that_no_phase_to_come_uses_is_not_needed(self):
        guided = RECIPES["guided"]
        first_with_second = [phase.bank for phase in guided.phases].index("bank-2")
        self.assertEqual(list(guided.banks_from(0)), ["bank", "bank-2", "bank-3"])
        self.assertEqual(list(guided.banks_from(first_with_second)), ["bank-2", "bank-3"])
        self.assertEqual(guided.banks_from(len(guided.phases)), {})
