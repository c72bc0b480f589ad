/** The options of `sluice events`, as commander reads them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, InvalidArgumentError } from 'commander'
import type { FeedbackStore } from '../store/feedback-ports.ts'
import type { EventsExportOptions, EventsTailOptions } from './events.ts'

/** Between two looks of `tail --follow`. */
const followEveryMs = 250

/** Adds the commands; what they run is loaded only when they are run. */
export function addEventsCommand(program: Command): void {
  const events = program.command('events').description('the event log and its archive')
  addTail(events)
  addExport(events)
  addDead(events)
  addReplay(events)
}

function addTail(events: Command): void {
  events
    .command('tail')
    .description('print the newest events')
    .option('--lines <count>', 'how many', lineCount, 20)
    .option('--json', 'whole events, a line each')
    .option('--follow', 'and then those that come')
    .action((options: EventsTailOptions) =>
      withStore(false, async ({ log }, { runEventsTail }) => {
        const pause = () => sleep(followEveryMs, true)
        return runEventsTail(log, options, { write, pause })
      }),
    )
}

function addExport(events: Command): void {
  events
    .command('export')
    .description('write events, archived or not, to a file')
    .requiredOption('--out <file>', '.parquet, .csv, .csv.gz, .ndjson or .ndjson.gz')
    .option('--from <time>', 'first of the times at which events reached us, such as 2026-11-22')
    .option('--to <time>', 'end of those times; itself is not in it')
    .option('--all', 'repeats of an event too')
    .action((options: EventsExportOptions) =>
      withStore(false, async ({ log, state }, { runEventsExport, folder }) =>
        runEventsExport({ log, state, folder }, options, write, tell),
      ),
    )
}

function addDead(events: Command): void {
  events
    .command('dead')
    .description('print records that could not be projected')
    .option('--lines <count>', 'how many, newest first', lineCount, 100)
    .option('--json', 'whole, a line each')
    .action((options: EventsTailOptions) =>
      withStore(false, async (store, { runEventsDead, DeadLetters }) =>
        runEventsDead(new DeadLetters(store), options, write),
      ),
    )
}

function addReplay(events: Command): void {
  events
    .command('replay [name]')
    .description('send a dead letter through the log again')
    .option('--all', 'every one')
    .action((name: string | undefined, { all = false }: { all?: boolean }) =>
      withStore(true, async (store, { runEventsReplay, DeadLetters }) =>
        runEventsReplay(new DeadLetters(store), { name, all }, write, tell),
      ),
    )
}

/** Runs with the store of the configuration, and closes it behind itself. */
async function withStore(
  mayAppend: boolean,
  run: (store: FeedbackStore, parts: Awaited<ReturnType<typeof load>>) => Promise<number>,
): Promise<void> {
  const parts = await load()
  const store = await parts.openEventStore(parts.config, { mayAppend })
  try {
    process.exitCode = await run(store, parts)
  } finally {
    await store.close()
  }
}

async function load() {
  const [cli, { DeadLetters }, { openEventStore }, { loadConfig }] = await Promise.all([
    import('./events.ts'),
    import('../control/dead-letters.ts'),
    import('../process/event-store.ts'),
    import('../config/config.ts'),
  ])
  const config = loadConfig()
  return { ...cli, DeadLetters, openEventStore, config, folder: config.archiveFolder }
}

function write(text: string): void {
  process.stdout.write(text)
}

/** Progress: not part of what a pipe gets. */
function tell(text: string): void {
  process.stderr.write(text)
}

function lineCount(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('a whole number is wanted')
  return Number(text)
}
