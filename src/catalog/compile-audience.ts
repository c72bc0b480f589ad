/** Audience rules as masks over pack numbers, and the index from packs to strategies. */
import type { Pack, PackIndex } from '../domain/pack.ts'
import type { AudienceRule, Strategy } from '../domain/strategy.ts'
import type { CompiledAudience, LiveStrategy } from './plan.ts'

/** Masks of a rule. A pack that is not there lets nobody in (`all`, `any`) and keeps nobody out. */
export function compileAudience(rule: AudienceRule, packs: PackIndex): CompiledAudience {
  const all = numbersOf(rule.all, packs)
  const any = numbersOf(rule.any, packs)
  const none = numbersOf(rule.none, packs)
  return {
    all: maskPairs(all),
    any: maskPairs(any),
    none: maskPairs(none),
    impossible:
      rule.all.some((id) => !packs.numberOf.has(id)) || (rule.any.length > 0 && any.length === 0),
    allPacks: Uint16Array.from(all),
    anyPacks: Uint16Array.from(any),
  }
}

/** Packs that a strategy names anywhere and the catalog does not have. */
export function unknownPacks(strategy: Strategy, packs: PackIndex): string[] {
  const { all, any, none } = strategy.audience
  const { bid } = strategy.action
  const scored = bid.kind === 'factorByScore' ? [bid.packId] : []
  const named = new Set([...all, ...any, ...none, ...scored])
  return [...named].filter((id) => !packs.numberOf.has(id))
}

/** Which positions to look at for a device: those that need no pack, and those under its packs. */
export function indexByPack(
  live: readonly LiveStrategy[],
  index: PackIndex,
  packs: readonly Pack[],
): { readonly always: Uint32Array; readonly byPack: (Uint32Array | null)[]; words: number } {
  const words = Math.max(1, Math.ceil(live.length / 32))
  const always = new Uint32Array(words)
  const byPack = new Array<Uint32Array | null>(index.ids.length).fill(null)
  for (const [position, strategy] of live.entries()) {
    if (strategy.audience.impossible) continue
    const anchors = anchorsOf(strategy.audience, packs)
    if (anchors === null) setBit(always, position)
    for (const pack of anchors ?? []) {
      const under = byPack[pack] ?? new Uint32Array(words)
      setBit(under, position)
      byPack[pack] = under
    }
  }
  return { always, byPack, words }
}

/** Packs of which a device must have one for the rule to hold; null when it needs none. */
function anchorsOf(
  { allPacks, anyPacks }: CompiledAudience,
  packs: readonly Pack[],
): Iterable<number> | null {
  let [rarest] = allPacks
  if (rarest === undefined) return anyPacks.length === 0 ? null : anyPacks
  for (const pack of allPacks) {
    if (devicesOf(packs, pack) < devicesOf(packs, rarest)) rarest = pack
  }
  return [rarest]
}

function devicesOf(packs: readonly Pack[], number: number): number {
  return packs[number]?.current?.devices ?? 0
}

/** Numbers of the packs that are there; a pack named twice counts once. */
function numbersOf(ids: readonly string[], packs: PackIndex): number[] {
  const numbers = new Set<number>()
  for (const id of ids) {
    const number = packs.numberOf.get(id)
    if (number !== undefined) numbers.add(number)
  }
  return [...numbers]
}

function maskPairs(numbers: readonly number[]): Int32Array {
  const byWord = new Map<number, number>()
  for (const number of numbers) {
    const word = number >>> 5
    byWord.set(word, (byWord.get(word) ?? 0) | (1 << (number & 31)))
  }
  return Int32Array.from([...byWord].flat())
}

function setBit(words: Uint32Array, position: number): void {
  const word = position >>> 5
  words[word] = (words[word] ?? 0) | (1 << (position & 31))
}
