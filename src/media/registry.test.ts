import { describe, expect, test } from 'vitest'
import { DeviceHasher } from '../identity/device-hasher.ts'
import type { AdapterContext } from './adapter.ts'
import { builtInMedia, createAdapters } from './registry.ts'

const context: AdapterContext = {
  hasher: new DeviceHasher(new Uint8Array(16)),
  cacheAcceptSeconds: 3_600,
  cacheRefuseSeconds: 3_600,
  cacheFailureSeconds: 3_600,
}

describe('createAdapters', () => {
  test('builds every built-in medium under its own name and rules', () => {
    const media = Object.keys(builtInMedia).map((name) => ({ name, context }))
    const adapters = createAdapters(media)
    expect([...adapters.keys()]).toEqual(Object.keys(builtInMedia))
    for (const [name, adapter] of adapters) expect(adapter.rules).toBe(builtInMedia[name]?.rules)
  })

  test('takes ready described adapters', () => {
    const tencent = builtInMedia['tencent']!.create(context)
    const described = { ...tencent, name: 'acme' }
    expect(createAdapters([], [described]).get('acme')).toBe(described)
  })

  test.each(['acme', 'toString', '__proto__'])('refuses the unknown medium %s', (name) => {
    expect(() => createAdapters([{ name, context }])).toThrow(
      expect.objectContaining({ code: 'SLUICE_MEDIA_UNKNOWN' }),
    )
  })

  test('refuses a name that stands twice', () => {
    const twice = [
      { name: 'tencent', context },
      { name: 'tencent', context },
    ]
    expect(() => createAdapters(twice)).toThrow(
      expect.objectContaining({ code: 'SLUICE_MEDIA_DUPLICATE' }),
    )
  })
})
