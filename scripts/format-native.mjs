// The C++ half of `npm run format`.
import { nativeFiles } from './lib/checks.mjs'
import { runCommand } from './lib/run-command.mjs'

const { code, output } = await runCommand('clang-format', ['-i', ...nativeFiles()])
if (code === -1) process.stderr.write('clang-format was not found (Debian: apt install clang-format).\n')
else process.stderr.write(output)
process.exitCode = code === 0 ? 0 : 1
