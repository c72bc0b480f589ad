/** wrk as a second opinion on goodput: C code, so that the generator is never the bottleneck. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpuSeconds } from '../harness/process-cpu.ts'
import { canPin, generatorCore, which } from '../harness/processes.ts'

/** What a wrk run needs. */
export interface WrkJob {
  readonly url: string
  /** GET: the bodies of the request file are paths. POST when absent. */
  readonly method?: 'GET' | 'POST'
  readonly contentType: string
  /** A file of `writeRequestFile`. */
  readonly requestFile: string
  /** Where the script goes. */
  readonly scriptFile: string
  readonly connections: number
  readonly seconds: number
}

/** What wrk counted. It looks at the status only; the generator checks the answers. */
export interface WrkReport {
  readonly requestsPerSecond: number
  readonly requests: number
  readonly badStatus: number
  readonly socketErrors: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** CPU microseconds of wrk itself for each request. */
  readonly cpuMicros: number
}

/** True when wrk is installed. */
export function hasWrk(): boolean {
  return which('wrk') !== null
}

/** Runs wrk with one thread on the generator's core. */
export async function runWrk(job: WrkJob): Promise<WrkReport> {
  writeFileSync(job.scriptFile, script(job))
  const wrk = which('wrk') ?? 'wrk'
  const command = [wrk, '-t1', `-c${job.connections}`, `-d${job.seconds}s`, '-s', job.scriptFile]
  command.push(job.url)
  if (canPin()) command.unshift('/usr/bin/taskset', '-c', String(generatorCore))
  const { output, cpu } = await outputOf(command)
  const line = output.split('\n').find((text) => text.startsWith('{"requests"'))
  if (line === undefined) throw new Error(`wrk said: ${output.slice(-500)}`)
  const raw = JSON.parse(line) as Record<
    'requests' | 'us' | 'bad' | 'errors' | 'p50' | 'p99',
    number
  >
  return {
    requestsPerSecond: Math.round(raw.requests / (raw.us / 1e6)),
    requests: raw.requests,
    badStatus: raw.bad,
    socketErrors: raw.errors,
    p50Ms: raw.p50 / 1_000,
    p99Ms: raw.p99 / 1_000,
    cpuMicros: (cpu * 1e6) / Math.max(1, raw.requests),
  }
}

function outputOf(command: readonly string[]): Promise<{ output: string; cpu: number }> {
  const [file, ...args] = command as [string, ...string[]]
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const pid = child.pid ?? -1
    let output = ''
    let cpu = 0
    // /proc forgets a process when it ends, so its CPU time is read while it runs.
    const sampler = setInterval(() => {
      cpu = Math.max(cpu, cpuSeconds(pid))
    }, 50)
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8')
    })
    child.once('error', reject)
    child.once('close', () => {
      clearInterval(sampler)
      resolve({ output, cpu })
    })
  })
}

/** The Lua script: reads the request file once, then hands out ready requests in turn. */
function script({ requestFile, contentType, method }: WrkJob): string {
  const wire = method === 'GET' ? 'wrk.format("GET", body)' : 'wrk.format("POST", nil, nil, body)'
  return `
local requests, count, turn = {}, 0, 0
function init()
  wrk.headers["Content-Type"] = ${JSON.stringify(contentType)}
  local file = assert(io.open(${JSON.stringify(requestFile)}, "rb"))
  while true do
    local head = file:read(5)
    if not head then break end
    local a, b, c, d = head:byte(1, 4)
    local body = file:read(a + b * 256 + c * 65536 + d * 16777216) or ""
    count = count + 1
    requests[count] = ${wire}
  end
  file:close()
end
function request()
  turn = turn % count + 1
  return requests[turn]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '{"requests":%d,"us":%d,"bad":%d,"errors":%d,"p50":%d,"p99":%d}\\n', summary.requests,
    summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
`
}
