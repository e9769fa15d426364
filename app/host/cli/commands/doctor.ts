import type { Command } from 'commander'
import type { DeviceInfo } from '../../../engine/engine-client-types'
import { formatBytes } from '../../../domain/format-bytes'
import {
  examineMachine,
  isTrouble,
  type InstalledLibraries,
  type MachineReport,
} from '../../../services/doctor/examine-machine'
import { resolveFolders } from '../../../services/folders'
import { bundledModelFolder, programRoot } from '../../program-root'
import { withServices } from '../cli-services'
import { EXIT } from '../exit-codes'
import { writeJsonLine } from '../output'
import { programVersion } from '../program-version'
import type { CommandContext } from '../run-cli'

export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('Show what this machine has: ffmpeg, engine variants, GPU, memory, folders.')
    .option('--json', 'print one JSON object')
    .action(async (flags: { json?: true }) => {
      await withServices(context, async ({ engine, installedLibraries }) => {
        const report = await examineMachine({
          version: programVersion(),
          env: context.env,
          engine,
          installed: installedLibraries,
          folders: {
            ...resolveFolders(context.env),
            program: programRoot(),
            bundledModel: bundledModelFolder(),
          },
          signal: context.signal,
        })
        if (flags.json === true) writeJsonLine(context.output, report)
        else context.output.out.write(reportWords(report))
        if (isTrouble(report.engine) || isTrouble(report.ffmpeg)) context.setExitCode(EXIT.failed)
      })
    })
}

/** The report for people: a heading a part, facts below it. */
export function reportWords(report: MachineReport): string {
  const { processor, memory, folders } = report
  const lines = [
    `Longlens ${report.version}, Node ${report.node}, ${report.platform}`,
    `Processor: ${processor.name}, ${processor.threads} threads`,
    `Memory: ${formatBytes(memory.freeBytes)} free of ${formatBytes(memory.totalBytes)}`,
    '',
    ...ffmpegLines(report.ffmpeg),
    '',
    ...engineLines(report.engine),
    '',
    'Folders',
    `  data      ${folders.data}`,
    `  cache     ${folders.cache}`,
    `  models    ${folders.models}`,
    `  bundled   ${folders.bundledModel}`,
    `  program   ${folders.program}`,
  ]
  return `${lines.join('\n')}\n`
}

function ffmpegLines(ffmpeg: MachineReport['ffmpeg']): string[] {
  if (isTrouble(ffmpeg)) return ['ffmpeg', `  ${ffmpeg.problem}`, `  ${ffmpeg.remedy}`]
  const { ffprobe } = ffmpeg
  return [
    `ffmpeg (found through ${ffmpeg.rule})`,
    `  ${ffmpeg.ffmpeg.path}, version ${ffmpeg.ffmpeg.version}`,
    ffprobe === null ? '  no ffprobe' : `  ${ffprobe.path}, version ${ffprobe.version}`,
    ...ffmpeg.warnings.map((warning) => `  ${warning}`),
  ]
}

function engineLines(engine: MachineReport['engine']): string[] {
  if (isTrouble(engine)) return ['Engine', `  ${engine.problem}`, `  ${engine.remedy}`]
  return [
    `Engine: ${engine.variant}`,
    ...engine.reasons.map(({ variant, chosen, reason }) => `  ${chosen ? '*' : '-'} ${variant}: ${reason}`),
    '  Libraries on disk',
    ...engine.installed.map(({ build, version, folder }) => `    ${build} ${version}, ${folder}`),
    '  Devices',
    ...engine.devices.map((device) => `    ${deviceWords(device)}`),
    `  ${graphicsWords(engine.devices, engine.installed)}`,
    `  ${engine.systemInfo.trim()}`,
  ]
}

function deviceWords({ name, description, memoryFreeBytes, memoryTotalBytes }: DeviceInfo): string {
  // An accelerator computes in the main memory and has none of its own.
  const memory =
    memoryTotalBytes === 0 ? '' : `, ${formatBytes(memoryFreeBytes)} free of ${formatBytes(memoryTotalBytes)}`
  return `${name}: ${description}${memory}`
}

function graphicsWords(devices: readonly DeviceInfo[], installed: readonly InstalledLibraries[]): string {
  const cards = devices.filter(({ type }) => type === 'gpu' || type === 'igpu')
  if (cards.length > 0) return `Graphics: ${cards.map(({ name }) => name).join(', ')}`
  return installed.some(({ build }) => /cuda|vulkan|metal/u.test(build))
    ? 'Graphics: none that the engine can use; the reasons are above'
    : 'Graphics: no libraries for a graphics card on disk; "longlens engine install cuda" (or vulkan) fetches them'
}
