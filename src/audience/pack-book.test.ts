import { expect, test } from 'vitest'
import { MemoryCatalogStore } from '../../test/support/memory-catalog.ts'
import type { Pack } from '../domain/pack.ts'
import type { EntityWrite, WriteResult } from '../store/ports.ts'
import { PackBook } from './pack-book.ts'

const flush = () => Promise.resolve()

function packNamed(id: string, slot: number): Pack {
  const layers = [{ slot, sign: 1 as const }]
  const current = { version: 1, layers, devices: 1, activatedAtMs: 0 }
  return { id, current, previous: null, expiresAtMs: null }
}

/** Writes, but the next reply gets lost, or the command runs twice as a resending driver does. */
class LossyCatalog extends MemoryCatalogStore {
  next: 'lost' | 'twice' | null = null

  override async write(batch: readonly EntityWrite[]): Promise<WriteResult> {
    const result = await super.write(batch)
    const fault = this.next
    this.next = null
    if (fault === 'lost') throw new Error('Command timed out')
    return fault === 'twice' ? await super.write(batch) : result
  }
}

test('a second writer is refused, and the first goes on', async () => {
  const catalog = new MemoryCatalogStore()
  const first = new PackBook(catalog, flush)
  const second = new PackBook(catalog, flush)
  await first.load()
  await second.load()
  await first.commit({ put: packNamed('a', 0), clean: [0] })
  const late = second.commit({ put: packNamed('b', 0), clean: [0] })
  await expect(late).rejects.toMatchObject({ code: 'SLUICE_AUDIENCE_OTHER_WRITER' })
  expect(second.packs.size).toBe(0)
  await first.commit({ put: packNamed('a', 1), soil: [0], clean: [1] })
  expect([...first.dirty]).toEqual([0])
})

test('a write whose reply was lost is taken for done before anything else is decided', async () => {
  const catalog = new LossyCatalog()
  const book = new PackBook(catalog, flush)
  await book.load()
  await book.commit({ soil: [3] })
  catalog.next = 'lost'
  await expect(book.commit({ put: packNamed('a', 3), clean: [3] })).rejects.toThrow('timed out')
  await book.commit({ soil: [] })
  expect([...book.dirty]).toEqual([])
  expect(book.packs.get('a')).toEqual(packNamed('a', 3))
  expect(book.revision).toBe(await catalog.revision())
  await book.commit({ remove: 'a', soil: [3] })
  expect(book.packs.size).toBe(0)
})

test('a write that a driver sent twice counts once', async () => {
  const catalog = new LossyCatalog()
  const book = new PackBook(catalog, flush)
  await book.load()
  catalog.next = 'twice'
  await book.commit({ put: packNamed('a', 3), clean: [3] })
  expect(book.packs.has('a')).toBe(true)
  await book.commit({ put: packNamed('a', 4), soil: [3], clean: [4] })
  expect([...book.dirty]).toEqual([3])
})

test('a write that never arrived is not taken for done', async () => {
  const catalog = new MemoryCatalogStore()
  const book = new PackBook(catalog, flush)
  await book.load()
  catalog.failure = new Error('away')
  await expect(book.commit({ put: packNamed('a', 3) })).rejects.toThrow('away')
  await expect(book.commit({ soil: [] })).rejects.toThrow('away')
  catalog.failure = null
  await book.commit({ soil: [] })
  expect(book.packs.size).toBe(0)
})

test('moves that could not be published ride along with the next change', async () => {
  const catalog = new MemoryCatalogStore()
  const book = new PackBook(catalog, flush)
  await book.load()
  book.move(7, 1, 5)
  catalog.failure = new Error('away')
  await expect(book.commit({})).rejects.toThrow('away')
  expect(book.hasMoves).toBe(true)
  catalog.failure = null
  await book.commit({ soil: [1] })
  const again = new PackBook(catalog, flush)
  await again.load()
  expect([again.layout.generation[7], again.layout.buckets[7]]).toEqual([1, 5])
})

test('the free slot is the lowest that neither a version nor the dirty list names', async () => {
  const book = new PackBook(new MemoryCatalogStore(), flush)
  await book.load()
  await book.commit({ put: packNamed('a', 0), clean: [0] })
  await book.commit({ soil: [1] })
  expect(book.freeSlot()).toBe(2)
  await book.commit({ clean: [1] })
  expect(book.freeSlot()).toBe(1)
})
