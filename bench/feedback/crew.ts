/**
 * The real processes of one Sluice, each started by its own command, so that each can be killed and
 * started again at once: a supervisor would wait longer after every crash.
 */
import path from 'node:path'
import { AdminClient } from '../../src/cli/admin-client.ts'
import { freePort, type StartedProcess, start, stop, until } from '../harness/processes.ts'
import { adminKey, builtMain, serverEnv } from '../harness/sluice-server.ts'

/** What a crew is made of. */
export interface CrewSettings {
  /** Address of the store. */
  readonly store: string
  /** A folder for what stays on the machine. */
  readonly folder: string
  /** 1 on LMDB; on Redis they share the shards. */
  readonly projectors: number
  readonly env: Readonly<Record<string, string>>
  /** Writes what the catalog must have before the first worker starts. */
  readonly prepare: (admin: AdminClient) => Promise<void>
}

/** One process that can be killed. */
export interface Member {
  readonly name: string
  /** Resolves when it works. */
  ready(): Promise<void>
  /** Kills it as a crash would and starts it again; resolves when it was started. */
  crash(): Promise<void>
}

/** Milliseconds a process has to work after its start. */
const readyMs = 60_000

/** A running crew. */
export class Crew {
  readonly port: number
  readonly decide: Member
  readonly projectors: readonly Member[]
  readonly #members: readonly CrewMember[]

  private constructor(port: number, members: readonly CrewMember[]) {
    this.port = port
    this.#members = members
    const [, decide, ...projectors] = members
    if (decide === undefined) throw new Error('a crew has a worker')
    this.decide = decide
    this.projectors = projectors
  }

  /** Starts control, one worker and the projectors; resolves when all of them work. */
  static async start(settings: CrewSettings): Promise<Crew> {
    const { store, folder, projectors, env } = settings
    const [port, controlPort] = [await freePort(), await freePort()]
    const environment = serverEnv(
      {
        SLUICE_STORE: store,
        SLUICE_PORT: String(port),
        SLUICE_CONTROL_PORT: String(controlPort),
        SLUICE_DATA: path.join(folder, 'local'),
        // A projector says that it works in its log.
        SLUICE_LOG_LEVEL: 'info',
      },
      env,
    )
    const answers = (portOf: number, route: string) => async (): Promise<boolean> => {
      const response = await fetch(`http://127.0.0.1:${portOf}${route}`).catch(() => null)
      return response?.status === 200
    }
    const make = (role: string, index: number, isReady: MemberCheck): CrewMember =>
      new CrewMember([role, '--worker', String(index)], { folder, environment, isReady })
    const control = make('control', 0, answers(controlPort, '/healthz'))
    await control.ready()
    await settings.prepare(new AdminClient(controlPort, adminKey))
    const decide = make('decide', 0, answers(port, '/readyz'))
    const others = Array.from({ length: projectors }, (_, index) =>
      make('project', index, (output) => output.includes('projecting')),
    )
    const members = [control, decide, ...others]
    for (const member of members) await member.ready()
    return new Crew(port, members)
  }

  async stop(): Promise<void> {
    for (const member of [...this.#members].reverse()) await member.stop()
  }
}

type MemberCheck = (output: string) => boolean | Promise<boolean>

interface MemberOptions {
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly isReady: MemberCheck
}

class CrewMember implements Member {
  readonly name: string
  readonly #args: readonly string[]
  readonly #options: MemberOptions
  #process: StartedProcess

  constructor(args: readonly string[], options: MemberOptions) {
    this.name = args[0] ?? ''
    this.#args = args
    this.#options = options
    this.#process = this.#start()
  }

  async ready(): Promise<void> {
    const { child } = this.#process
    await until(`${this.name} works`, readyMs, () => {
      if (child.exitCode !== null) throw new Error(`${this.name} ended: ${this.#process.output()}`)
      return this.#options.isReady(this.#process.output())
    })
  }

  async crash(): Promise<void> {
    const { child } = this.#process
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGKILL')
    await ended
    this.#process = this.#start()
  }

  stop(): Promise<void> {
    return stop(this.#process.child)
  }

  #start(): StartedProcess {
    const { folder, environment } = this.#options
    return start([process.execPath, builtMain(), ...this.#args], { env: environment, cwd: folder })
  }
}
