/** Finds the values of many compiled paths in one walk over a `JsonTape`. */
import { JsonKind, type JsonTape } from './json-tape.ts'

/** One step of a path: a member's key, an element's index, or `[*]` for every element. */
type PathStep = string | number

/**
 * Values one path may find (only paths with `[*]` find more than one); the rest are not looked at.
 */
const pathValuesMax = 256

/** Elements of one array that `[*]` walks; real requests list fewer than 100 of anything. */
const pathElementsMax = 256

/** Longest path in steps: deeper than any known medium, and a bound on our recursion. */
const pathStepsMax = 16

const stepPattern = /(?:^|\.)([^.[\]]+)|\[(\d{1,4}|\*)\]/gy

/**
 * Splits `device.ids[*].value` into steps; null when it is no path. The empty path is the value
 * itself. Keys cannot hold dots or brackets.
 */
function parsePath(text: string): readonly PathStep[] | null {
  const steps: PathStep[] = []
  stepPattern.lastIndex = 0
  while (stepPattern.lastIndex < text.length) {
    const match = stepPattern.exec(text)
    if (match === null || steps.length === pathStepsMax) return null
    const [, key, element] = match
    if (key !== undefined) steps.push(key)
    else steps.push(element === '*' ? everyElement : Number(element))
  }
  return steps
}

/** A marker that no key of a path can be: keys hold no brackets. */
const everyElement = '[*]'

interface Child {
  readonly text: string
  readonly word: Uint8Array
  readonly branch: Branch
  /** Scratch of one visit: the last member with this key, because the last duplicate wins. */
  last: number
}

interface Branch {
  /** Slots of the paths that end here. */
  readonly slots: number[]
  /** Children by the length of their key in bytes: most members are dismissed by it. */
  readonly byLength: (Child[] | undefined)[]
  readonly children: Child[]
  readonly byIndex: Map<number, Branch>
  every: Branch | null
}

/**
 * Paths compiled into a tree; path i fills slot i (several spellings of one path may share a
 * slot). A path that meets another type than it expects finds nothing; nothing is ever thrown.
 */
export class JsonPaths {
  readonly #root: Branch = emptyBranch()
  readonly #counts: Int32Array
  readonly #found: Int32Array

  /**
   * `paths[slot]` lists the spellings of that slot. Throws on text that is no path: check before.
   */
  constructor(paths: readonly (readonly string[])[]) {
    this.#counts = new Int32Array(paths.length)
    this.#found = new Int32Array(paths.length * pathValuesMax)
    for (const [slot, spellings] of paths.entries()) {
      for (const spelling of spellings) this.#add(slot, spelling)
    }
  }

  /** Walks the value `node` of the tape; afterwards `count` and `node` answer for every slot. */
  find(tape: JsonTape, node: number): void {
    this.#counts.fill(0)
    this.#visit(tape, node, this.#root)
  }

  /** Values that the slot's path found. */
  count(slot: number): number {
    return this.#counts[slot]!
  }

  /** Tape node of the value `index` of a slot; -1 when there is none. */
  node(slot: number, index = 0): number {
    return index < this.#counts[slot]! ? this.#found[slot * pathValuesMax + index]! : -1
  }

  #add(slot: number, spelling: string): void {
    const steps = parsePath(spelling)
    if (steps === null) throw new RangeError(`"${spelling}" is no path`)
    let branch = this.#root
    for (const step of steps) branch = grow(branch, step)
    branch.slots.push(slot)
  }

  #visit(tape: JsonTape, node: number, branch: Branch): void {
    for (const slot of branch.slots) this.#note(slot, node)
    const kind = tape.kind[node]
    if (kind === JsonKind.Object && branch.children.length > 0) this.#members(tape, node, branch)
    else if (kind === JsonKind.Array) this.#elements(tape, node, branch)
  }

  #note(slot: number, node: number): void {
    const count = this.#counts[slot]!
    if (count === pathValuesMax) return
    this.#found[slot * pathValuesMax + count] = node
    this.#counts[slot] = count + 1
  }

  #members(tape: JsonTape, node: number, branch: Branch): void {
    for (const child of branch.children) child.last = -1
    const end = tape.after[node]!
    for (let key = node + 1; key < end; key = tape.after[key + 1]!) {
      const child = childOf(tape, key, branch)
      if (child !== null) child.last = key + 1
    }
    for (const child of branch.children) {
      if (child.last >= 0) this.#visit(tape, child.last, child.branch)
    }
  }

  #elements(tape: JsonTape, node: number, branch: Branch): void {
    if (branch.every === null && branch.byIndex.size === 0) return
    const end = tape.after[node]!
    let index = 0
    for (let at = node + 1; at < end && index < pathElementsMax; at = tape.after[at]!) {
      if (branch.every !== null) this.#visit(tape, at, branch.every)
      const only = branch.byIndex.get(index++)
      if (only !== undefined) this.#visit(tape, at, only)
    }
  }
}

function childOf(tape: JsonTape, key: number, branch: Branch): Child | null {
  const isEscaped = tape.kind[key] === JsonKind.Escaped
  const length = tape.to[key]! - tape.from[key]!
  const candidates = isEscaped ? branch.children : branch.byLength[length]
  if (candidates === undefined) return null
  for (const child of candidates) {
    // An escaped byte takes two to six bytes: most escaped keys are dismissed by length, too.
    const isPossible = length >= child.word.length && length <= 6 * child.word.length
    if (isPossible && tape.isWord(key, child.word)) return child
  }
  return null
}

function emptyBranch(): Branch {
  return { slots: [], byLength: [], children: [], byIndex: new Map(), every: null }
}

function grow(branch: Branch, step: PathStep): Branch {
  if (step === everyElement) {
    branch.every ??= emptyBranch()
    return branch.every
  }
  if (typeof step === 'number') {
    const known = branch.byIndex.get(step) ?? emptyBranch()
    branch.byIndex.set(step, known)
    return known
  }
  const known = branch.children.find((child) => child.text === step)
  if (known !== undefined) return known.branch
  const word = new TextEncoder().encode(step)
  const child: Child = { text: step, word, branch: emptyBranch(), last: -1 }
  branch.children.push(child)
  const sameLength = branch.byLength[word.length] ?? []
  sameLength.push(child)
  branch.byLength[word.length] = sameLength
  return child.branch
}
