/** Tokens that must not be taken: forged, damaged, of other keys and kinds, past their life. */

import { TokenKind, type TokenReading, Tokens, tokenOf } from '../../src/feedback/token.ts'
import { tokenCharsMax } from '../../src/feedback/token-body.ts'
import { tokenKeys } from '../../src/feedback/token-keys.ts'
import { TokenRefusal, tokenRefusalNames } from '../../src/feedback/token-refusal.ts'
import { ManualClock } from '../../src/lib/clock.ts'
import { afterLifeMs, bidsAtMs, signedBids } from '../data/bid-tokens.ts'
import { Draw } from '../data/draw.ts'

/** Who checks tokens. */
type Verifier = Pick<Tokens, 'verify'>

/** A text that comes as a token of a kind. */
interface SentToken {
  readonly text: string
  readonly kind: TokenKind
}

/** One way to come by a token that is none. */
interface Attack {
  readonly name: string
  readonly next: () => SentToken
  /** Refusals that are right for it. */
  readonly refusals: readonly TokenRefusal[]
  readonly verifier: Verifier
}

/** What became of the tokens of an attack. */
export interface AttackReport {
  readonly sent: number
  readonly taken: number
  /** By name of the refusal. */
  readonly refused: Readonly<Record<string, number>>
  /** Refused for a reason that is not its. */
  readonly misnamed: number
}

/** The house of the bench, and two others. */
export interface TokenHouse {
  /** Whose tokens are taken, the day they were made. */
  readonly own: Tokens
  /** The same keys, when all lives are over. */
  readonly late: Tokens
  /** Other bytes under our key id, and a key id that we do not hold. */
  readonly imitator: Tokens
  readonly stranger: Tokens
}

const salt = new Uint8Array(16).fill(7)
const ownKeyId = 1

/** Three houses with keys of their own. */
export function openTokenHouse(): TokenHouse {
  const open = (id: number, fill: number, atMs: number): Tokens =>
    new Tokens(
      tokenKeys([{ id, bytes: new Uint8Array(32).fill(fill) }], salt),
      new ManualClock(atMs),
    )
  return {
    own: open(ownKeyId, 1, bidsAtMs),
    late: open(ownKeyId, 1, afterLifeMs),
    imitator: open(ownKeyId, 2, bidsAtMs),
    stranger: open(ownKeyId + 1, 1, bidsAtMs),
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const kinds = Object.values(TokenKind)
const tagChars = 16
const { Malformed, UnknownVersion, ForeignKey, Forged, WrongKind, Expired } = TokenRefusal

/** Every attack, on `count` bids that the houses signed; the same seed attacks alike. */
export function tokenAttacks(house: TokenHouse, count: number, seed: number): Attack[] {
  const draw = new Draw(seed)
  const { own, late, imitator, stranger } = house
  const [ours, theirs, foreign] = [own, imitator, stranger].map((tokens) =>
    genuine(tokens, count, draw),
  )
  if (!ours || !theirs || !foreign) throw new Error('a house has signed nothing')
  const damaged = (change: (text: string) => string) => (): SentToken => {
    for (;;) {
      const { text, kind } = ours()
      const other = change(text)
      if (other !== text) return { text: other, kind }
    }
  }
  const changed = [UnknownVersion, ForeignKey, Forged]
  const attack = (
    name: string,
    refusals: readonly TokenRefusal[],
    next: () => SentToken,
    verifier: Verifier = own,
  ): Attack => ({ name, next, refusals, verifier })
  return [
    attack('made up', [Forged], () => madeUp(draw)),
    attack(
      'one bit flipped',
      changed,
      damaged((text) => bitFlipped(text, draw)),
    ),
    attack(
      'one character changed',
      changed,
      damaged((text) => characterChanged(text, draw)),
    ),
    attack(
      'cut',
      [Malformed, ...changed],
      damaged((text) => cut(text, draw)),
    ),
    attack(
      'lengthened',
      [Malformed, Forged],
      damaged((text) => text + some(draw, 1, 120)),
    ),
    attack(
      'the tag of another token',
      [Forged, WrongKind],
      damaged((text) => swapTags(text, ours().text)),
    ),
    attack('another kind', [WrongKind], () => {
      const { text, kind } = ours()
      return { text, kind: draw.pick(kinds.filter((other) => other !== kind)) }
    }),
    attack('a wrong key under our id', [Forged], theirs),
    attack('a key that we do not hold', [ForeignKey], foreign),
    attack('expired', [Expired], ours, late),
  ]
}

/** Genuine tokens of a house, one after another, of any bid and kind. */
function genuine(tokens: Tokens, count: number, draw: Draw): () => SentToken {
  const bids = signedBids(tokens, count, draw.below(2 ** 31))
  return () => {
    const kind = draw.pick(kinds)
    return { text: tokenOf(draw.pick(bids), kind), kind }
  }
}

/** Sends `count` tokens of an attack. */
export function attackWith({ next, verifier, refusals }: Attack, count: number): AttackReport {
  const refused: Record<string, number> = {}
  let taken = 0
  let misnamed = 0
  for (let sent = 0; sent < count; sent++) {
    const { text, kind } = next()
    const reading: TokenReading = verifier.verify(text, kind)
    if (reading.ok) {
      taken++
      continue
    }
    if (!refusals.includes(reading.refusal)) misnamed++
    const name = tokenRefusalNames.get(reading.refusal) ?? String(reading.refusal)
    refused[name] = (refused[name] ?? 0) + 1
  }
  return { sent: count, taken, refused, misnamed }
}

/** Our version and key id, and then whatever a stranger may think of. */
function madeUp(draw: Draw): SentToken {
  const bytes = Uint8Array.from({ length: 30 + 3 * draw.below(40) }, () => draw.below(256))
  bytes[0] = 1
  bytes[1] = ownKeyId
  const text = Buffer.from(bytes).toString('base64url') + some(draw, tagChars, tagChars)
  return { text: text.slice(0, tokenCharsMax), kind: draw.pick(kinds) }
}

/** One of the six bits of a character: those that a decoder would overlook are among them. */
function bitFlipped(text: string, draw: Draw): string {
  const at = draw.below(text.length)
  const flipped = alphabet.indexOf(text[at] ?? '') ^ (1 << draw.below(6))
  return text.slice(0, at) + (alphabet[flipped] ?? '') + text.slice(at + 1)
}

function characterChanged(text: string, draw: Draw): string {
  const at = draw.below(text.length)
  return text.slice(0, at) + draw.pick(alphabet.split('')) + text.slice(at + 1)
}

/** Without its end, its beginning, or a piece out of the middle. */
function cut(text: string, draw: Draw): string {
  const at = draw.below(text.length)
  const length = 1 + draw.below(text.length)
  return draw.pick([
    text.slice(0, at),
    text.slice(at + 1),
    text.slice(0, at) + text.slice(at + length),
  ])
}

function swapTags(text: string, other: string): string {
  return text.slice(0, -tagChars) + other.slice(-tagChars)
}

/** `min` to `max` characters that a token may have. */
function some(draw: Draw, min: number, max: number): string {
  const length = min + draw.below(max - min + 1)
  return Array.from({ length }, () => alphabet[draw.below(alphabet.length)]).join('')
}
