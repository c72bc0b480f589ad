/** Reads checked values out of parsed JSON; what does not fit is named by its path. */
import { ScoringError } from './scoring-error.ts'

/** A place in a JSON file. Every method throws ScoringError when the place holds something else. */
export class JsonPlace {
  readonly #value: unknown
  /** For messages: `manifest.json: features[3].words`. */
  readonly #path: string

  constructor(value: unknown, path: string) {
    this.#value = value
    this.#path = path
  }

  get isNull(): boolean {
    return this.#value === null
  }

  text(lengthMax = 1_024): string {
    if (typeof this.#value === 'string' && this.#value.length <= lengthMax) return this.#value
    throw this.fault(`a text of at most ${lengthMax} characters`)
  }

  number(): number {
    if (typeof this.#value === 'number' && Number.isFinite(this.#value)) return this.#value
    throw this.fault('a finite number')
  }

  integer(min: number, max: number): number {
    const value = this.#value
    if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) {
      return Number(value)
    }
    throw this.fault(`a whole number from ${min} to ${max}`)
  }

  flag(): boolean {
    if (typeof this.#value === 'boolean') return this.#value
    throw this.fault('true or false')
  }

  oneOf<Word extends string>(words: readonly Word[]): Word {
    const found = words.find((word) => word === this.#value)
    if (found !== undefined) return found
    throw this.fault(`one of ${words.map((word) => `"${word}"`).join(', ')}`)
  }

  /** Each entry of a list of at most `max`. */
  list<Entry>(max: number, read: (place: JsonPlace) => Entry): Entry[] {
    const value = this.#value
    if (!Array.isArray(value) || value.length > max) throw this.fault(`a list of at most ${max}`)
    return value.map((entry: unknown, i) => read(new JsonPlace(entry, `${this.#path}[${i}]`)))
  }

  numbers(max: number): number[] {
    return this.list(max, (place) => place.number())
  }

  /** A list of texts. Vocabularies are long: no place is made for a word that fits. */
  texts(max: number): string[] {
    const value = this.#value
    if (!Array.isArray(value) || value.length > max) throw this.fault(`a list of at most ${max}`)
    const wrong = value.findIndex((word: unknown) => typeof word !== 'string')
    if (wrong < 0) return value as string[]
    throw new JsonPlace(value[wrong], `${this.#path}[${wrong}]`).fault('a text')
  }

  /** An object with exactly the members `names`; answers its places by name. */
  members<Name extends string>(names: readonly Name[]): { readonly [name in Name]: JsonPlace } {
    const object = this.#object()
    const extra = Object.keys(object).find((key) => !names.some((name) => name === key))
    if (extra !== undefined) throw this.fault(`no member "${extra}": ${names.join(', ')} only`)
    const places: Partial<Record<Name, JsonPlace>> = {}
    for (const name of names) {
      if (!Object.hasOwn(object, name)) throw this.fault(`a member "${name}"`)
      places[name] = new JsonPlace(object[name], `${this.#path}.${name}`)
    }
    return places as Record<Name, JsonPlace>
  }

  /** An object with any members, at most `max`. */
  entries(max: number): [string, JsonPlace][] {
    const found = Object.entries(this.#object())
    if (found.length > max) throw this.fault(`an object of at most ${max} members`)
    return found.map(([key, value]) => [key, new JsonPlace(value, `${this.#path}.${key}`)])
  }

  /** The value of one member of an object, null when it is not there. */
  memberText(name: string): string | null {
    const value = this.#object()[name]
    return typeof value === 'string' ? value : null
  }

  /** The error that says what was expected here, and what was found. */
  fault(expected: string): ScoringError {
    const found = JSON.stringify(this.#value)?.slice(0, 60) ?? 'nothing'
    return new ScoringError(
      'SLUICE_SCORING_MANIFEST',
      `${this.#path}: expected ${expected}, found ${found}`,
    )
  }

  #object(): Record<string, unknown> {
    const value = this.#value
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
    throw this.fault('an object')
  }
}

/** Parses `text` of a file or line that `path` names. */
export function parsePlace(text: string, path: string): JsonPlace {
  try {
    return new JsonPlace(JSON.parse(text), path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ScoringError('SLUICE_SCORING_MANIFEST', `${path}: no JSON: ${reason}`)
  }
}
