"""A training process restarts itself once with the settings it needs, keeping its arguments."""

import pathlib
import subprocess
import sys
import unittest

SCRIPT = """
import os, sys
from longlens_training.process_settings import restart_with_settings
restart_with_settings()
restart_with_settings()
print(os.environ["MALLOC_MMAP_MAX_"], os.environ["OMP_WAIT_POLICY"], sys.argv[1:])
"""


class ProcessSettingsTest(unittest.TestCase):
    def run_script(self, **environment):
        return subprocess.run([sys.executable, "-c", SCRIPT, "--run", "a b"], env=environment, capture_output=True,
                              text=True, check=True, cwd=pathlib.Path(__file__).parents[1]).stdout  # fmt: skip

    def test_the_command_runs_again_with_the_settings_and_the_same_arguments(self):
        self.assertEqual(self.run_script(), "0 passive ['--run', 'a b']\n")

    def test_what_is_set_already_stays(self):
        self.assertEqual(self.run_script(OMP_WAIT_POLICY="active"), "0 active ['--run', 'a b']\n")


if __name__ == "__main__":
    unittest.main()
