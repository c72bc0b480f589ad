/** A whole Sluice (`sluice start`) for a run: its own ports, data folder and admin key. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { AdminClient } from '../../src/cli/admin-client.ts'
import { commandLine, treeOf } from './process-cpu.ts'
import { freePort, type StartedProcess, start, stop, until } from './processes.ts'

/** How a Sluice is started. */
export interface SluiceOptions {
  /** A Redis URL, or null for LMDB in the run's own folder. */
  readonly redisUrl: string | null
  readonly workers: number
  /** Core of all its processes; null = the kernel's choice. */
  readonly core: number | null
  readonly env?: Readonly<Record<string, string>>
  /** The CLI to start; the built one when absent. */
  readonly main?: string
  /** Set when Redis may be away at the start. */
  readonly readyTimeoutMs?: number
}

/** A running Sluice. */
export interface SluiceServer {
  readonly port: number
  readonly admin: AdminClient
  readonly folder: string
  /** Address of its store. */
  readonly store: string
  /** Pids by role; a worker that was restarted shows its new pid. */
  pids(): RolePids
  /** Status of `/readyz`. */
  ready(): Promise<boolean>
  /** The last of what it logged. */
  output(): string
  stop(): Promise<void>
}

/** Pids of a Sluice's processes. */
export interface RolePids {
  readonly decide: number[]
  readonly project: number[]
  readonly control: number[]
  readonly supervisor: number
}

/** Milliseconds from the start of the process to the first `readyz`. */
const readyMs = 20_000

/** Admin key of every server that this harness starts. */
export const adminKey = 'bench-admin-key-of-one-run-0123456789'

/** The built CLI: dist/src/main.js, seen from dist/bench/harness or from the sources. */
export function builtMain(): string {
  const here = path.dirname(fileURLToPath(import.meta.url))
  const isBuilt = here.includes(`${path.sep}dist${path.sep}`)
  return path.join(here, isBuilt ? '../../src/main.js' : '../../dist/src/main.js')
}

/** Starts a Sluice and waits until it is ready. */
export async function startSluice(options: SluiceOptions): Promise<SluiceServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-bench-'))
  const [port, controlPort] = [await freePort(), await freePort()]
  const env = serverEnv(
    {
      SLUICE_STORE: options.redisUrl ?? `lmdb:${path.join(folder, 'data')}`,
      SLUICE_PORT: String(port),
      SLUICE_CONTROL_PORT: String(controlPort),
      SLUICE_WORKERS: String(options.workers),
      SLUICE_DATA: path.join(folder, 'local'),
    },
    options.env,
  )
  const started = start([process.execPath, options.main ?? builtMain(), 'start'], {
    env,
    cwd: folder,
    ...(options.core === null ? {} : { core: options.core }),
  })
  const admin = new AdminClient(controlPort, adminKey)
  const server = new RunningSluice(started, port, admin, {
    folder,
    store: env['SLUICE_STORE'] ?? '',
  })
  await server.waitReady(options.readyTimeoutMs ?? readyMs)
  return server
}

/** Environment of a measured server: `own` and `more`, and nothing of the operator's settings. */
export function serverEnv(
  own: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'))
  return {
    ...Object.fromEntries(inherited),
    SLUICE_HOST: '127.0.0.1',
    SLUICE_ADMIN_KEY: adminKey,
    SLUICE_DEVICE_SALT: '00112233445566778899aabbccddeeff',
    SLUICE_LOG_LEVEL: 'warn',
    ...own,
    ...more,
  }
}

class RunningSluice implements SluiceServer {
  readonly port: number
  readonly admin: AdminClient
  readonly folder: string
  readonly store: string
  readonly #process: StartedProcess

  constructor(
    started: StartedProcess,
    port: number,
    admin: AdminClient,
    { folder, store }: { readonly folder: string; readonly store: string },
  ) {
    this.#process = started
    this.port = port
    this.admin = admin
    this.folder = folder
    this.store = store
  }

  pids(): RolePids {
    const tree = treeOf(this.#process.pid)
    const having = (role: string): number[] =>
      tree.filter((pid) => new RegExp(`main\\.js ${role}\\b`).test(commandLine(pid)))
    return {
      decide: having('decide'),
      project: having('project'),
      control: having('control'),
      supervisor: this.#process.pid,
    }
  }

  async ready(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.port}/readyz`)).status === 200
    } catch {
      return false
    }
  }

  async waitReady(timeoutMs: number): Promise<void> {
    await until('Sluice is ready', timeoutMs, async () => {
      if (this.#process.child.exitCode !== null) {
        throw new Error(`Sluice ended at its start: ${this.output()}`)
      }
      return (await this.ready()) && (await this.admin.isUp())
    }).catch(async (error: unknown) => {
      await stop(this.#process.child)
      throw new Error(`${String(error)}; it said: ${this.output()}`)
    })
  }

  output(): string {
    return this.#process.output()
  }

  async stop(): Promise<void> {
    await stop(this.#process.child)
    rmSync(this.folder, { recursive: true, force: true })
  }
}
