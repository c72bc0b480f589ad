/**
 * `npm run bench -- <scenario> [--size tiny|small|full] [--out folder]`; those of the funnel also
 * take `--models folder --world folder --seed n --days n --requests n`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { writeReport } from './harness/report.ts'
import { bidSnapshot } from './scenarios/bid-snapshot.ts'
import { bidder } from './scenarios/bidder.ts'
import { caps } from './scenarios/caps.ts'
import { exactlyOnce } from './scenarios/exactly-once.ts'
import { faults } from './scenarios/faults.ts'
import { freshness } from './scenarios/freshness.ts'
import { funnel } from './scenarios/funnel.ts'
import { funnelQuality } from './scenarios/funnel-quality.ts'
import { hostile } from './scenarios/hostile.ts'
import { hostileBids } from './scenarios/hostile-bids.ts'
import { intake } from './scenarios/intake.ts'
import { memory } from './scenarios/memory.ts'
import { modelSwap } from './scenarios/model-swap.ts'
import { overload } from './scenarios/overload.ts'
import { rta } from './scenarios/rta.ts'
import { rtaCache } from './scenarios/rta-cache.ts'
import { type FunnelOptions, type Scenario, type Size, sizes } from './scenarios/scenario.ts'
import { stage } from './scenarios/stage.ts'
import { swap } from './scenarios/swap.ts'
import { tokenVerify } from './scenarios/token-verify.ts'
import { upload } from './scenarios/upload.ts'

const scenarios: Readonly<Record<string, Scenario>> = {
  rta,
  upload,
  memory,
  swap,
  overload,
  faults,
  hostile,
  stage,
  bidder,
  'hostile-bids': hostileBids,
  'bid-snapshot': bidSnapshot,
  funnel,
  'funnel-quality': funnelQuality,
  'model-swap': modelSwap,
  'token-verify': tokenVerify,
  'rta-cache': rtaCache,
  intake,
  freshness,
  caps,
  'exactly-once': exactlyOnce,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: 'full' },
    out: { type: 'string', default: 'bench/results' },
    models: { type: 'string' },
    world: { type: 'string' },
    seed: { type: 'string' },
    days: { type: 'string' },
    requests: { type: 'string' },
  },
})

const name = positionals[0] ?? ''
const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined
const size = sizes.find((known) => known === values.size)
if (scenario === undefined || size === undefined) {
  console.error(
    `usage: npm run bench -- <${Object.keys(scenarios).join('|')}> [--size ${sizes.join('|')}]`,
  )
  process.exitCode = 2
} else {
  await run(scenario, size)
}

async function run(chosen: Scenario, chosenSize: Size): Promise<void> {
  const workFolder = mkdtempSync(path.join(tmpdir(), 'sluice-bench-work-'))
  const say = (sentence: string): void => console.error(`· ${sentence}`)
  try {
    const result = await chosen({ size: chosenSize, workFolder, say, options: optionsGiven() })
    const words = process.argv.slice(2).map((word) => (path.isAbsolute(word) ? '<folder>' : word))
    const command = `npm run bench -- ${words.join(' ')}`
    console.log(writeReport(values.out, result, command))
    if (result.findings.some((finding) => finding.met === false)) process.exitCode = 1
  } finally {
    rmSync(workFolder, { recursive: true, force: true })
  }
}

function optionsGiven(): FunnelOptions {
  const { models, world, seed, days, requests } = values
  const number = (text: string | undefined): number | null => (text ? Number(text) : null)
  return {
    models: models ?? null,
    world: world ?? null,
    seed: number(seed),
    days: number(days),
    requests: number(requests),
  }
}
