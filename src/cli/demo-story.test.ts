import { expect, test } from 'vitest'
import { buildRequest } from './build-request.ts'
import { factorIn } from './demo-page.ts'
import { demoCases, demoPacks, demoStrategies, demoTargets, demoUploads } from './demo-story.ts'

test('the uploads hold 100 000 different ids in two packs, as many as the packs say', () => {
  const byPack = new Map<string, number>()
  const ids = new Set<string>()
  let total = 0
  for (const { pack, ids: count, body } of demoUploads) {
    const lines = Buffer.concat([...body()])
      .toString('latin1')
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(count)
    for (const line of lines) ids.add(`${pack} ${line}`)
    byPack.set(pack, (byPack.get(pack) ?? 0) + count)
    total += count
  }
  expect(total).toBe(100_000)
  expect(ids.size).toBe(100_000)
  expect(demoPacks.map(({ id, devices }) => [id, devices])).toEqual([...byPack])
})

test('every case can be sent, and expects only targets that a strategy has', () => {
  const targets = demoStrategies.map(({ body }) => String(body['targetId']))
  expect([...demoTargets.keys()].sort()).toEqual([...targets].sort())
  for (const { medium, request, expected } of demoCases) {
    expect(buildRequest(medium, request).body.length).toBeGreaterThan(20)
    for (const target of expected) expect(targets).toContain(target)
  }
})

test('a bid factor is found wherever the wire keeps it', () => {
  expect(factorIn({ target_infos: [{ user_weight_factor: 1.5 }] })).toBe(1.5)
  expect(factorIn({ user_infos: [{ user_scores: [{ quality: 1.2000000476837158 }] }] })).toBe(1.2)
  expect(factorIn({ code: 1 })).toBeNull()
})
