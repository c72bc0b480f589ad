#!/usr/bin/env node
/** The CLI and the composition root: each command builds what it runs, and nothing before. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import type { DatasetOptions } from './cli/dataset.ts'
import { addEventsCommand } from './cli/events-command.ts'
import type { ImportLogOptions } from './cli/import-log.ts'
import type { SealOptions } from './cli/seal.ts'
import type { TrainOptions } from './cli/train.ts'
import { addTryCommand } from './cli/try-command.ts'
import type { WorldOptions } from './cli/world.ts'
import { loadConfig } from './config/config.ts'
import { raiseHeadLimit } from './config/head-limit.ts'
import { isUnusable, sentenceOf, unusableExitCode } from './process/startup-error.ts'
import { lrDefaults } from './training/lr-defaults.ts'

const program = new Command('sluice')
  .description(
    'Answers media (does this device take part?) and exchanges (which ad, at what price?)',
  )
  .showHelpAfterError()

program
  .command('start')
  .description('run everything this machine needs: deciding workers and the admin API')
  .action(async () => {
    const { runStart } = await import('./process/start.ts')
    // Exits here: the timer that would kill late children may still be pending.
    process.exit(await runStart(loadConfig(), fileURLToPath(import.meta.url)))
  })

program
  .command('decide')
  .description('run one deciding worker (the data plane)')
  .option('--worker <index>', 'stable number of this worker on this machine', wholeNumber, 0)
  .action(async ({ worker }: { worker: number }) => {
    raiseHeadLimit()
    const { runDecide } = await import('./process/decide-process.ts')
    await runDecide(loadConfig(), worker)
  })

program
  .command('project')
  .description('run one projector: events become counters, caps and memberships')
  .option('--worker <index>', 'stable number of this projector on this machine', wholeNumber, 0)
  .action(async ({ worker }: { worker: number }) => {
    const { runProject } = await import('./process/project-process.ts')
    await runProject(loadConfig(), worker)
  })

program
  .command('control')
  .description('run the admin API')
  .option('--worker <index>', 'always 0; there is one', wholeNumber, 0)
  .action(async () => {
    const { runControl } = await import('./process/control-process.ts')
    await runControl(loadConfig())
  })

program
  .command('trace <id>')
  .description('print one logged exchange by the trace id of the medium')
  .action(async (id: string) => {
    const [{ runTrace }, { exchangeLogFolder }] = await Promise.all([
      import('./cli/trace.ts'),
      import('./telemetry/exchange-log.ts'),
    ])
    const folder = join(loadConfig().dataFolder, exchangeLogFolder)
    process.exitCode = await runTrace(id, folder, (text) => process.stdout.write(text))
  })

const records = program.command('records').description('decision records of the bidder')
records
  .command('tail')
  .description('print the last decision records')
  .option(
    '--file <path>',
    'a record file or folder; the data folder of the configuration unless said',
  )
  .option('--lines <count>', 'how many', wholeNumber, 20)
  .option('--json', 'whole records')
  .action(async ({ file, ...options }: { file?: string; lines: number; json?: boolean }) => {
    const [{ runRecordsTail }, { recordsFolder }] = await Promise.all([
      import('./cli/records.ts'),
      import('./feedback/record-log.ts'),
    ])
    const path = file ?? join(loadConfig().dataFolder, recordsFolder)
    process.exitCode = await runRecordsTail(path, options, (text) => process.stdout.write(text))
  })

addEventsCommand(program)

program
  .command('world')
  .description('make a market whose true rates are known: catalog, packs, traffic, log and truth')
  .requiredOption('--out <folder>', 'a folder without a world in it')
  .option('--seed <number>', 'equal seeds make equal worlds', countOption, 1)
  .option('--days <count>', 'how long the log is', countOption, 7)
  .option('--rows <count>', 'impressions of the log', countOption, 1_000_000)
  .option('--requests <count>', 'requests of the traffic', countOption, 100_000)
  .option('--users <count>', 'users', countOption, 1_000_000)
  .option('--negatives <share>', 'share of the rows without a click that the log keeps', Number, 1)
  .action(async (options: WorldOptions) => {
    const { runWorld } = await import('./cli/world.ts')
    process.exitCode = await runWorld(options, (text) => process.stdout.write(text))
  })

program
  .command('dataset')
  .description('make an encoded training set from a log of decisions and its events')
  .requiredOption('--log <path>', 'decision records: a file (.ndjson, .ndjson.gz) or a folder')
  .requiredOption('--events <file>', 'events, a line each')
  .requiredOption('--out <folder>', 'where the set goes')
  .option('--catalog <file>', 'the catalog as for an import; without it ads are what bids say')
  .option('--features <list>', 'house, lr, or a JSON file', 'house')
  .option('--target <target>', 'both, or cvr: rows are clicks', 'both')
  .option('--train-share <share>', 'of the rows, by time', Number, 0.8)
  .option(
    '--calibrate-share <share>',
    'of the rows, after those; the rest is for tests',
    Number,
    0.05,
  )
  .option('--watermark-hours <hours>', 'age at which a click without conversion is final', Number)
  .option('--truth <file>', "a world's truth.bin: for reports only")
  .action(async (options: DatasetOptions) => {
    const { runDataset } = await import('./cli/dataset.ts')
    process.exitCode = await runDataset(options, (text) => process.stdout.write(text))
  })

program
  .command('train')
  .description('train a logistic regression and seal it as a version of a model')
  .requiredOption('--out <folder>', 'models/<name>/<version>')
  .option('--dataset <folder>', 'a set of `sluice dataset`; or make one on the way, from:')
  .option('--log <path>', 'decision records')
  .option('--events <file>', 'their events')
  .option('--catalog <file>', 'the catalog as for an import')
  .option('--truth <file>', "a world's truth.bin: for the report only")
  .option('--target <targets>', 'ctr, or ctr,cvr', 'ctr,cvr')
  .option('--alpha <rate>', 'learning rate of a slot', Number, lrDefaults.alpha)
  .option('--beta <number>', 'what slows that rate down at first', Number, lrDefaults.beta)
  .option('--l1 <number>', 'what a slot must show to leave 0', Number, lrDefaults.l1)
  .option('--l2 <number>', 'what holds weights back', Number, lrDefaults.l2)
  .option('--epochs-max <count>', 'passes at most', wholeNumber, lrDefaults.epochsMax)
  .action(async (options: TrainOptions) => {
    const { runTrain } = await import('./cli/train.ts')
    process.exitCode = await runTrain(options, (text) => process.stdout.write(text))
  })

program
  .command('seal')
  .description('make a version of what a trainer left: golden vectors, calibration, report')
  .requiredOption('--model <folder>', 'models/<name>/<version>, with a draft.json')
  .requiredOption('--dataset <folder>', 'the set it was trained on')
  .action(async (options: SealOptions) => {
    const { runSeal } = await import('./cli/seal.ts')
    process.exitCode = await runSeal(options, (text) => process.stdout.write(text))
  })

program
  .command('import-log <form> <path>')
  .description('turn a public log (talkingdata, ipinyou) into records, events and a catalog')
  .requiredOption('--out <folder>', 'where log, events and catalog go')
  .option('--case-control', 'ipinyou: click lines are impressions too, and user tags are left out')
  .action(async (form: string, path: string, options: ImportLogOptions) => {
    const { runImportLog } = await import('./cli/import-log.ts')
    const write = (text: string): void => void process.stdout.write(text)
    process.exitCode = await runImportLog(form, path, options, write)
  })

addModelsCommand(program)

program
  .command('demo')
  .description(
    'a private server with a made-up advertiser, and what two media and an exchange get as answers',
  )
  .action(async () => {
    const { runDemo } = await import('./cli/demo.ts')
    process.exitCode = await runDemo()
  })

/** `sluice models …`, on the folder of the configuration. */
function addModelsCommand(parent: Command): void {
  const models = parent.command('models').description('versions of models on this machine')
  const load = async () => {
    const [cli, { ModelDesk }] = await Promise.all([
      import('./cli/models.ts'),
      import('./scoring/model-desk.ts'),
    ])
    return { ...cli, desk: new ModelDesk(loadConfig().modelsFolder) }
  }
  const write = (text: string): void => void process.stdout.write(text)
  models
    .command('list')
    .description('every version, the active ones marked')
    .option('--json', 'whole')
    .action(async (options: { json?: boolean }) => {
      const { runModelsList, desk } = await load()
      process.exitCode = await runModelsList(desk, options, write)
    })
  models
    .command('check <model/version>')
    .description('say whether a version can serve')
    .action(async (path: string) => {
      const { runModelsCheck, desk } = await load()
      process.exitCode = await runModelsCheck(desk, path, write)
    })
  models
    .command('activate <model/version>')
    .description('check a version and put it in force, without a restart')
    .action(async (path: string) => {
      const { runModelsActivate, desk } = await load()
      process.exitCode = await runModelsActivate(desk, path, write)
    })
}

function wholeNumber(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('a whole number is wanted')
  return Number(text)
}

/** Counts of a world; what is too many is said by the command. */
function countOption(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number is wanted')
  return Number(text)
}

// `sluice trace … | head` closes our output early: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

try {
  addTryCommand(program)
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`sluice: ${sentenceOf(error)}\n`)
  process.exit(isUnusable(error) ? unusableExitCode : 1)
}
