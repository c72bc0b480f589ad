/** Starts, pins, measures and stops the processes of a run; stops only what it started, by pid. */
import { type ChildProcess, execFileSync, type ForkOptions, fork, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** CPU core for the system under test; redis-server shares it unless a scenario says otherwise. */
export const serverCore = 0
/** CPU core for the generator. */
export const generatorCore = 1

/** Milliseconds a process has to end after SIGTERM before it is killed. */
const stopMs = 12_000

const tasksetPath = '/usr/bin/taskset'

/** Where a command is found on the PATH, or null. */
export function which(command: string): string | null {
  try {
    return execFileSync('which', [command], { encoding: 'utf8' }).trim()
  } catch {
    return null
  }
}

/** True when processes can be pinned and there are two cores to pin to. */
export function canPin(): boolean {
  return existsSync(tasksetPath) && cores() >= 2
}

/** Cores this machine shows. */
export function cores(): number {
  return readFileSync('/proc/cpuinfo', 'utf8').match(/^processor/gm)?.length ?? 1
}

/** A started command whose output is kept (the last part of it). */
export interface StartedProcess {
  readonly child: ChildProcess
  readonly pid: number
  /** The last 16 KiB of what it wrote. */
  output(): string
}

/** Starts a command, pinned to `core` when that is possible and asked for. */
export function start(
  command: readonly string[],
  options: { readonly core?: number; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): StartedProcess {
  const pinned =
    options.core !== undefined && canPin() ? [tasksetPath, '-c', String(options.core)] : []
  const [file, ...args] = [...pinned, ...command] as [string, ...string[]]
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  let output = ''
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-16_384)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.on('error', (error) => keep(Buffer.from(error.message)))
  return { child, pid: child.pid ?? -1, output: () => output }
}

/** Forks a module of the bench as its own process with an IPC channel, pinned like `start`. */
export function forkPinned(module: URL, core: number | null): ChildProcess {
  const options: ForkOptions = { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }
  const child = fork(module, [], options)
  if (core !== null && canPin() && child.pid !== undefined) pin(child.pid, core)
  return child
}

/** Pins a running process with all its threads. */
export function pin(pid: number, core: number): void {
  execFileSync(tasksetPath, ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' })
}

/** The next message of a child; rejects when it ends first. */
export function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`process ended (${code})`))
    child.once('exit', onExit)
    child.once('message', (value) => {
      child.off('exit', onExit)
      resolve(value as T)
    })
  })
}

/** Asks a process to end and waits; kills it when it does not. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const killer = setTimeout(() => child.kill('SIGKILL'), stopMs)
  await ended
  clearTimeout(killer)
}

/** A loopback port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** Waits until `ready` answers true; throws with `what` after `timeoutMs`. */
export async function until(
  what: string,
  timeoutMs: number,
  ready: () => boolean | Promise<boolean>,
): Promise<void> {
  const everyMs = 20
  for (let waitedMs = 0; waitedMs <= timeoutMs; waitedMs += everyMs) {
    if (await ready()) return
    await sleep(everyMs)
  }
  throw new Error(`${what} did not happen within ${timeoutMs} ms`)
}
