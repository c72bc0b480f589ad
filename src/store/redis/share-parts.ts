/** Who of several projectors has which parts: all of them come to the same answer by themselves. */
import { mix64, seedOf } from '../../lib/mix.ts'
import { allParts } from './fresh-parts.ts'

/**
 * The parts of `projector` among `living`, by rendezvous hashing: a part goes to the one with the
 * highest hash of both, so that one who comes or goes moves its own share alone.
 */
export function shareOf(projector: string, living: readonly string[]): string[] {
  const rivals = living.filter((name) => name !== projector)
  const own = seedOf(projector)
  const others = rivals.map((name) => ({ name, seed: seedOf(name) }))
  return allParts.filter((part) => {
    const mine = mix64(Number(part), 0, own)
    return others.every(({ name, seed }) => {
      const theirs = mix64(Number(part), 0, seed)
      return mine > theirs || (mine === theirs && projector < name)
    })
  })
}
