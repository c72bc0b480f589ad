/** What every catalog store asks of a batch before it touches anything. */
import { catalogWritesMax, type EntityWrite } from './ports.ts'

/** Throws a RangeError for a batch that is too large or names an entity twice. */
export function checkBatch(batch: readonly EntityWrite[]): void {
  if (batch.length > catalogWritesMax) {
    throw new RangeError(`a batch has at most ${catalogWritesMax} writes, not ${batch.length}`)
  }
  const names = new Set<string>()
  for (const { kind, id } of batch) {
    const name = `${kind}/${id}`
    if (names.has(name)) throw new RangeError(`a batch names ${name} twice`)
    names.add(name)
  }
}
