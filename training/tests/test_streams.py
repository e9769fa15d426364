"""Records become tensors, generators are read ahead, and no generator outlives its trainer."""

import io
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from longlens_training import streams

# Numbers its records from --start; writes them as fast as they are read, forever.
ENDLESS = """
import { once } from 'node:events'
const start = Number(process.argv.find((one) => one.startsWith('--start='))?.slice(8) ?? 0)
process.stdout.on('error', () => process.exit(0))
process.stdout.write(JSON.stringify({ pid: process.pid }) + '\\n')
for (let index = start; ; index += 1) {
  const record = Buffer.alloc(100_000)
  record.writeUInt32LE(index)
  if (!process.stdout.write(record)) await once(process.stdout, 'drain')
}
"""

BROKEN = "process.stdout.write('{}\\n'); process.stdout.write('abc'); process.exitCode = 3"


def read_number(source, _header):
    return struct.unpack("<I", streams.read_exactly(source, 100_000)[:4])[0]


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"


class Records(unittest.TestCase):
    def test_episodes_are_packed_one_behind_the_other(self):
        def sequence(tokens, mask, pictures, spans):
            data = struct.pack(f"<I{len(tokens)}h{len(mask)}B", len(tokens), *tokens, *mask)
            data += struct.pack(f"<I{len(pictures)}i", len(pictures), *pictures)
            return data + struct.pack("<H", len(spans)) + b"".join(struct.pack("<HII", *span) for span in spans)

        first = sequence([4, -1, -1, 418, 5], [0, 0, 0, 1, 1], [70_000], [(2, 3, 5)])
        second = sequence([4, 9, 5], [0, 1, 1], [], [(0, 1, 3)])
        batch = streams.read_episodes(io.BytesIO(struct.pack("<I", 2) + first + second), {})
        self.assertEqual(batch.tokens.tolist(), [4, -1, -1, 418, 5, 4, 9, 5])
        self.assertEqual(batch.lengths, [5, 3])
        self.assertEqual(batch.wanted.tolist(), [3, 4, 6, 7])
        self.assertEqual(batch.pictures.tolist(), [70_000])
        self.assertEqual(batch.spans, [(2, 3, 5), (0, 6, 8)])

    def test_frames_have_the_shapes_of_the_header(self):
        header = {"side": 2, "cells": 1, "cell_columns": 3, "global_columns": 2, "name_columns": 2}
        data = struct.pack("<I12B3h2h2h", 1, *range(12), 7, 8, 9, 5, 6, 418, -1)
        frames = streams.read_frames(io.BytesIO(data), header)
        self.assertEqual(frames.pixels.shape, (1, 2, 2, 3))
        self.assertEqual(frames.pixels[0, 1, 0].tolist(), [6, 7, 8])
        self.assertEqual(frames.cells.tolist(), [[[7, 8, 9]]])
        self.assertEqual(frames.pictures.tolist(), [[5, 6]])
        self.assertEqual(frames.names.tolist(), [[[418, -1]]])

    def test_a_record_that_breaks_off_is_no_end(self):
        with self.assertRaises(streams.StreamEnded):
            streams.read_episodes(io.BytesIO(b"\x01\x00\x00\x00\x05"), {})
        with self.assertRaises(EOFError):
            streams.read_episodes(io.BytesIO(b""), {})


class Generators(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def script(self, text):
        path = self.folder / "script.mjs"
        path.write_text(text)
        return path

    def assert_ends(self, pid):
        for _ in range(200):
            if not is_running(pid):
                return
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        self.fail("the generator outlived its reader")

    def test_batches_come_in_order_and_closing_ends_the_child(self):
        generator = streams.Generator(self.script(ENDLESS), ["--start=5"], read_number)
        numbers = iter(generator)
        self.assertEqual([next(numbers) for _ in range(10)], list(range(5, 15)))
        generator.close()
        generator.close()
        self.assertEqual(list(numbers), [])
        self.assertFalse(is_running(generator.header["pid"]))

    def test_a_generator_that_fails_is_an_error(self):
        with streams.Generator(self.script(BROKEN), [], read_number) as generator:
            with self.assertRaises(streams.StreamEnded):
                next(iter(generator))
        with self.assertRaisesRegex(FileNotFoundError, "bundle-training"):
            streams.Generator(self.folder / "absent.mjs", [], read_number)
        with self.assertRaisesRegex(streams.StreamEnded, "exit code 3 before its header"):
            streams.Generator(self.script("process.exitCode = 3"), [], read_number)

    def test_a_killed_trainer_leaves_no_generator_behind(self):
        trainer = (
            "import pathlib, sys, time; from longlens_training import streams\n"
            "generator = streams.Generator(pathlib.Path(sys.argv[1]), [], lambda source, _: streams.read_exactly(source, 9))\n"
            "next(iter(generator)); print(generator.header['pid'], flush=True); time.sleep(600)"
        )
        command = [sys.executable, "-c", trainer, str(self.script(ENDLESS))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=pathlib.Path(__file__).parents[1]) as process:
            pid = int(process.stdout.readline())
            self.assertTrue(is_running(pid))
            process.kill()
        self.assert_ends(pid)


if __name__ == "__main__":
    unittest.main()
