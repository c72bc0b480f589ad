/** What one compilation leaves to the next: most changes touch one entity of thousands. */
import type { Experiment, Strategy } from '../domain/strategy.ts'
import { ZoneClocks } from '../lib/zone-clock.ts'
import { compileConditions } from './compile-conditions.ts'
import type { CompiledConditions, LiveStrategy } from './plan.ts'

/**
 * Compiled parts by the strategy object they came from (`EntityReader` gives the same object for
 * the same text). One per catalog; rules of a medium must not change meanwhile.
 */
export class CompileMemory {
  readonly #zones = new ZoneClocks()
  readonly #conditions = new WeakMap<Strategy, CompiledConditions>()
  #packIds: readonly string[] = []
  #experiments: readonly Experiment[] = []
  #live = new WeakMap<Strategy, LiveStrategy>()

  /** Forgets strategies whose pack numbers or experiments are no longer these. */
  begin(packIds: readonly string[], experiments: readonly Experiment[]): void {
    if (!sameItems(packIds, this.#packIds) || !sameItems(experiments, this.#experiments)) {
      this.#live = new WeakMap()
    }
    this.#packIds = packIds
    this.#experiments = experiments
  }

  /** Throws a `ShapeError` as `compileConditions` does. */
  conditionsOf(strategy: Strategy): CompiledConditions {
    const known = this.#conditions.get(strategy)
    if (known !== undefined) return known
    const made = compileConditions(strategy.conditions, this.#zones)
    this.#conditions.set(strategy, made)
    return made
  }

  /** The compiled strategy, made by `make` only where it is not known. */
  liveOf(strategy: Strategy, make: () => LiveStrategy): LiveStrategy {
    const known = this.#live.get(strategy)
    if (known !== undefined) return known
    const made = make()
    this.#live.set(strategy, made)
    return made
  }
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
