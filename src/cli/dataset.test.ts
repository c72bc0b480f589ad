import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDataset } from '../training/dataset.ts'
import { recordAt, shown, temporaryFolder, writeLog } from '../training/test-logs.ts'
import { type DatasetOptions, runDataset } from './dataset.ts'
import { runImportLog } from './import-log.ts'

let folder = ''
let remove: () => void
beforeEach(() => {
  ;({ folder, remove } = temporaryFolder())
})
afterEach(() => remove())

async function run(changed: Partial<DatasetOptions> = {}) {
  const records = Array.from({ length: 4 }, (_, n) => recordAt(n))
  const out = join(folder, 'set')
  let said = ''
  const code = await runDataset(
    {
      ...writeLog(folder, records, records.map(shown)),
      ...{ out, features: 'house', target: 'both', trainShare: 0.5, calibrateShare: 0.25 },
      ...changed,
    },
    (text) => {
      said += text
    },
  )
  return { code, said, out }
}

describe('sluice dataset', () => {
  test.each(['house', 'lr'])('makes a set of the list %s and says what is in it', async (list) => {
    const { code, said, out } = await run({ features: list })
    expect(code).toBe(0)
    expect(said).toContain(`4 impressions in ${out}: 0 clicks, 0 conversions`)
    expect(said).toContain('slices by time: 2 train, 1 calibrate, 1 test')
    const dataset = openDataset(out)
    expect(dataset.info.pairWidth > 0).toBe(list === 'lr')
    dataset.close()
  })

  test('takes a list of a file', async () => {
    const features = join(folder, 'list.json')
    writeFileSync(features, '[{"name":"f","source":"floor","kind":"count","scale":2}]')
    const { code, out } = await run({ features })
    const dataset = openDataset(out)
    expect([code, dataset.info.features.length, dataset.info.slotCount]).toEqual([0, 1, 2])
    dataset.close()
  })

  test.each([
    ['{}', 'it is no list'],
    ['[', 'JSON'],
  ])('refuses the list %s with a sentence', async (text, reason) => {
    const features = join(folder, 'list.json')
    writeFileSync(features, text)
    await expect(run({ features })).rejects.toThrow(/SLUICE_TRAINING_FEATURES: .* no feature list/)
    await expect(run({ features })).rejects.toThrow(reason)
  })

  test.each([
    [{ target: 'ctr' }, '--target'],
    [{ trainShare: Number.NaN }, '--train-share'],
    [{ trainShare: 0.9, calibrateShare: 0.2 }, '--train-share'],
    [{ watermarkHours: -1 }, '--watermark-hours'],
  ])('with %o says what is wrong and makes nothing', async (changed, option) => {
    const { code, said, out } = await run(changed)
    expect(code).toBe(1)
    expect(said).toContain(option)
    expect(existsSync(out)).toBe(false)
  })
})

describe('sluice import-log', () => {
  test('makes a log of which a set for conversions can be made', async () => {
    const csv = join(folder, 'clicks.csv')
    const rows = Array.from({ length: 9 }, (_, n) => `1,${n % 2},1,1,1,11/9/2017 9:0${n},${n % 2}`)
    writeFileSync(csv, `ip,app,device,os,channel,click_time,is_attributed\n${rows.join('\n')}\n`)
    const out = join(folder, 'imported')
    let said = ''
    const write = (text: string): void => void (said += text)
    expect(await runImportLog('talkingdata', csv, { out }, write)).toBe(0)
    expect(said).toContain('9 records, 13 events, 6 catalog lines')
    const made = await run({
      log: join(out, 'log.ndjson.gz'),
      events: join(out, 'events.ndjson.gz'),
      catalog: join(out, 'catalog.ndjson.gz'),
      target: 'cvr',
    })
    expect(made.said).toContain('9 clicks in')
    expect(made.said).toContain('9 clicks, 4 conversions')
    expect(made.said).toContain('creatives without a catalog entry: 0')
  })

  test('of an unknown form says which there are', async () => {
    let said = ''
    const write = (text: string): void => void (said += text)
    expect(await runImportLog('criteo', folder, { out: folder }, write)).toBe(1)
    expect(said).toContain('talkingdata and ipinyou')
  })
})
