/** Reads stored JSON into domain types; says the path of the first field that does not fit. */

/** The stored JSON is not what its kind says. Caught per entity by the compiler. */
export class ShapeError extends Error {}

/** An object of stored JSON with its path, for errors such as `action.bid.factor: not a number`. */
export class JsonShape {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #path: string

  constructor(value: unknown, path = '') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ShapeError(`${path === '' ? 'entity' : path}: not an object`)
    }
    this.#fields = value as Record<string, unknown>
    this.#path = path
  }

  text(key: string): string {
    const value = this.#fields[key]
    return typeof value === 'string' ? value : this.fail(key, 'not a string')
  }

  textOrNull(key: string): string | null {
    return this.#fields[key] === null ? null : this.text(key)
  }

  /** One of a few words. */
  choice<T extends string>(key: string, words: readonly T[]): T {
    return oneOf(this.#fields[key], words) ?? this.fail(key, `none of ${words.join(', ')}`)
  }

  /** A list of such words. */
  choices<T extends string>(key: string, words: readonly T[]): T[] {
    return this.#list(key).map(
      (item, index) =>
        oneOf(item, words) ?? this.fail(`${key}[${index}]`, `none of ${words.join(', ')}`),
    )
  }

  flag(key: string): boolean {
    const value = this.#fields[key]
    return typeof value === 'boolean' ? value : this.fail(key, 'not a boolean')
  }

  /** A finite number. */
  number(key: string): number {
    const value = this.#fields[key]
    return typeof value === 'number' && Number.isFinite(value)
      ? value
      : this.fail(key, 'not a number')
  }

  numberOrNull(key: string): number | null {
    return this.#fields[key] === null ? null : this.number(key)
  }

  /** A safe integer inside [min, max]. */
  integer(key: string, min: number, max: number): number {
    const value = this.number(key)
    return Number.isSafeInteger(value) && value >= min && value <= max
      ? value
      : this.fail(key, `not an integer of ${min} to ${max}`)
  }

  integerOrNull(key: string, min: number, max: number): number | null {
    return this.#fields[key] === null ? null : this.integer(key, min, max)
  }

  /** A finite number inside [min, max]. */
  numberIn(key: string, min: number, max: number): number {
    const value = this.number(key)
    return value >= min && value <= max ? value : this.fail(key, `not inside [${min}, ${max}]`)
  }

  /** True when the field is there at all, for those that came to a kind later. */
  has(key: string): boolean {
    return Object.hasOwn(this.#fields, key)
  }

  /** Names of the fields, for objects that are maps. */
  keys(): string[] {
    return Object.keys(this.#fields)
  }

  child(key: string): JsonShape {
    return new JsonShape(this.#fields[key], this.#at(key))
  }

  childOrNull(key: string): JsonShape | null {
    return this.#fields[key] === null ? null : this.child(key)
  }

  children(key: string): JsonShape[] {
    return this.#list(key).map((item, index) => new JsonShape(item, `${this.#at(key)}[${index}]`))
  }

  texts(key: string): string[] {
    return this.#list(key).map((item, index) =>
      typeof item === 'string' ? item : this.fail(`${key}[${index}]`, 'not a string'),
    )
  }

  integers(key: string, min: number, max: number): number[] {
    return this.#list(key).map((item, index) =>
      typeof item === 'number' && Number.isSafeInteger(item) && item >= min && item <= max
        ? item
        : this.fail(`${key}[${index}]`, `not an integer of ${min} to ${max}`),
    )
  }

  /** Throws with the path of `key`. */
  fail(key: string, what: string): never {
    throw new ShapeError(`${this.#at(key)}: ${what}`)
  }

  #list(key: string): readonly unknown[] {
    const value = this.#fields[key]
    return Array.isArray(value) ? (value as readonly unknown[]) : this.fail(key, 'not a list')
  }

  #at(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`
  }
}

function oneOf<T extends string>(value: unknown, words: readonly T[]): T | undefined {
  return words.find((word) => word === value)
}
