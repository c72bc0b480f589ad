/** Which models decide in one process, and which should and do not. */
import { type Labels, type MetricJson, metric } from './metric-json.ts'

/** A model by name. */
export interface ModelState {
  readonly name: string
  /** The version that decides; '' = none: the prior order is in charge. */
  readonly version: string
  /** Why the version that is wanted does not decide, or null. */
  readonly problem: string | null
}

/** Filled by what follows models; read by metrics and `/readyz`. */
export class ModelMeter {
  /** Versions that decide now, by name. */
  #serving: ReadonlyMap<string, string> = new Map()
  /** Names that plans of exchanges want. */
  #wanted: ReadonlySet<string> = new Set()
  readonly #problems = new Map<string, string>()
  readonly #refusals = new Map<string, number>()

  /** Other models decide from now on, for plans that want these. */
  serve(serving: ReadonlyMap<string, string>, wanted: ReadonlySet<string>): void {
    this.#serving = serving
    this.#wanted = wanted
  }

  /** A version that was wanted does not decide. */
  refuse(name: string, text: string): void {
    this.#problems.set(name, text)
    this.#refusals.set(name, (this.#refusals.get(name) ?? 0) + 1)
  }

  /** What was refused of this name is history. */
  clear(name: string): void {
    this.#problems.delete(name)
  }

  /** Every model that decides, is wanted by a plan, or was refused; by name. */
  states(): readonly ModelState[] {
    const names = new Set([...this.#serving.keys(), ...this.#wanted, ...this.#problems.keys()])
    return [...names].toSorted().map((name) => {
      const version = this.#serving.get(name) ?? ''
      const missing = version === '' ? 'no version is active' : null
      return { name, version, problem: this.#problems.get(name) ?? missing }
    })
  }

  /** Everything as Prometheus JSON, labelled with the worker's index. */
  snapshot(worker: number): readonly MetricJson[] {
    const active = this.states().map(({ name, version }) => ({
      labels: { worker, model: name, version } satisfies Labels,
      value: version === '' ? 0 : 1,
    }))
    const refusals = [...this.#refusals].map(([model, value]) => ({
      labels: { worker, model } satisfies Labels,
      value,
    }))
    return [
      metric(
        'sluice_model_active',
        '1 for the version of a model that decides; 0, without a version: none does',
        active,
        'gauge',
      ),
      metric('sluice_model_refused_total', 'Versions of a model that were refused', refusals),
    ]
  }
}
