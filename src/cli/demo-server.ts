/** A private Sluice for the demo: temporary folder, free ports, its own admin key. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AdminClient } from './admin-client.ts'
import { CliError } from './request-options.ts'

/** A running server of the demo. */
export interface DemoServer {
  readonly url: string
  readonly admin: AdminClient
  /** Its temporary folder. */
  readonly folder: string
  /** Its models: empty, and nobody else's. */
  readonly modelsFolder: string
  /** Asks it to drain and end, waits, and removes its folder. Answers its exit code. */
  stop(): Promise<number | null>
}

/** Milliseconds the server has to become ready: a cold disk needs a few seconds. */
const readyMsMax = 20_000
const pollMs = 25

/** Output kept for the message of a failed start. */
const outputCharsMax = 4_000

/** Starts `main start` with settings of its own; nothing of the user's environment reaches it. */
export async function startDemoServer(mainFile: string): Promise<DemoServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'))
  const [port, controlPort] = await Promise.all([freePort(), freePort()])
  const modelsFolder = join(folder, 'models')
  const key = randomBytes(24).toString('hex')
  const child = spawn(process.execPath, [mainFile, 'start'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      SLUICE_STORE: `lmdb:${join(folder, 'data')}`,
      SLUICE_MODELS: modelsFolder,
      SLUICE_HOST: '127.0.0.1',
      SLUICE_PORT: String(port),
      SLUICE_CONTROL_PORT: String(controlPort),
      SLUICE_WORKERS: '1',
      SLUICE_ADMIN_KEY: key,
      SLUICE_DEVICE_SALT: randomBytes(16).toString('hex'),
    },
  })
  let output = ''
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-outputCharsMax)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve)
    child.once('error', (error) => {
      keep(Buffer.from(error.message))
      resolve(null)
    })
  })
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM')
    const code = await ended
    rmSync(folder, { recursive: true, force: true })
    return code
  }
  const admin = new AdminClient(controlPort, key)
  const url = `http://127.0.0.1:${port}`
  for (let waitedMs = 0; !(await isReady(url, admin)); waitedMs += pollMs) {
    if (child.exitCode !== null || waitedMs > readyMsMax) {
      await stop()
      throw new CliError('SLUICE_CLI_DEMO_START', `the server did not start; it said:\n${output}`)
    }
    await sleep(pollMs)
  }
  return { url, admin, folder, modelsFolder, stop }
}

async function isReady(url: string, admin: AdminClient): Promise<boolean> {
  try {
    const ready = await fetch(`${url}/readyz`)
    return ready.status === 200 && (await admin.isUp())
  } catch {
    return false
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
