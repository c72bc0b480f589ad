/** One line of "why does this campaign not bid": a rule, both sides of it, and whether it holds. */
import { type Drop, dropNames } from '../../domain/drop-reason.ts'
import { type Refusal, refusalNames } from '../../domain/refusal.ts'

/** One rule that was looked at. */
export interface WhyCheck {
  /** Name of the refusal or drop reason that follows when it fails. */
  readonly rule: string
  readonly number: number
  /** True: `number` is a `Refusal` of the whole request; false: a `Drop`. */
  readonly isRefusal: boolean
  /** Null = not looked at, because a rule before it failed or nothing can be said. */
  readonly passed: boolean | null
  /** What the catalog says, and what the request says, in words. */
  readonly ours: string
  readonly request: string
}

/** Both sides of a rule in words. */
export interface Sides {
  readonly ours: string
  readonly request: string
}

/** Values of a list that are told. */
const wordsShownMax = 20

const noSides: Sides = { ours: '', request: '' }

/** A rule of the loss funnel. */
export function dropCheck(drop: Drop, passed: boolean | null, sides: Sides = noSides): WhyCheck {
  return { rule: dropNames.get(drop) ?? '', number: drop, isRefusal: false, passed, ...sides }
}

/** A rule of the gate, which refuses the request for every campaign. */
export function refusalCheck(
  refusal: Refusal,
  passed: boolean | null,
  sides: Sides = noSides,
): WhyCheck {
  return {
    rule: refusalNames.get(refusal) ?? '',
    number: refusal,
    isRefusal: true,
    passed,
    ...sides,
  }
}

/**
 * Rules that are asked one after another, the first broken one ending it: those before `failed`
 * hold, those after it were not looked at. `failed` 0 = all hold; one that is not among the rules
 * comes first, and tells nothing of them.
 */
export function ladder<Code extends number>(
  rules: readonly Code[],
  failed: Code,
  check: (rule: Code, passed: boolean | null) => WhyCheck,
): WhyCheck[] {
  const at = failed === 0 ? rules.length : rules.indexOf(failed)
  const checks = rules.map((rule, index) => check(rule, passedAt(index, at)))
  return at === -1 ? [check(failed, false), ...checks] : checks
}

function passedAt(index: number, failedAt: number): boolean | null {
  if (index === failedAt) return false
  return index < failedAt ? true : null
}

/** Position of the first rule that fails, or -1. */
export function firstFailed(checks: readonly WhyCheck[]): number {
  return checks.findIndex(({ passed }) => passed === false)
}

/** A list in words: `a, b, c`; `–` when it is empty. */
export function listed(words: readonly (string | number)[], empty = '–'): string {
  const shown = words.slice(0, wordsShownMax).filter((word) => word !== '')
  if (shown.length === 0) return empty
  const more = words.length > wordsShownMax ? ` and ${words.length - wordsShownMax} more` : ''
  return shown.join(', ') + more
}
