/** What ranking counted comes out as Prometheus JSON, stage by stage. */
import { expect, test } from 'vitest'
import { RankMeter } from './rank-meter.ts'

test('counters are told by stage and reason, times by part', () => {
  const meter = new RankMeter()
  Object.assign(meter, { runs: 2, rows: 100, askRuns: 1, asks: 3, nanScores: 4, shortened: 5 })
  meter.observeRun(0.5)
  const [runs, rows, nan, short, seconds] = meter.snapshot(7)
  expect(runs?.values).toEqual([
    { labels: { worker: 7, stage: 'coarse' }, value: 1 },
    { labels: { worker: 7, stage: 'fine' }, value: 2 },
  ])
  expect(rows?.values.map(({ value }) => value)).toEqual([3, 100])
  expect(nan?.values).toEqual([{ labels: { worker: 7 }, value: 4 }])
  expect(short?.values).toContainEqual({ labels: { worker: 7, reason: 'time' }, value: 5 })
  expect(seconds?.values.find(({ metricName }) => metricName?.endsWith('_count'))).toMatchObject({
    labels: { worker: 7, part: 'run' },
    value: 1,
  })
})
