/** Why a token was not taken: stable numbers, listed in docs/tokens.md. */

/** Numbers are stable for ever; they are metrics labels and go into reports. */
export const TokenRefusal = {
  /** Too short, too long, or characters that no token has. */
  Malformed: 1,
  /** A version of the format that this build does not read. */
  UnknownVersion: 2,
  /** Made with a key that we do not hold: retired, or another house's. */
  ForeignKey: 3,
  /** The signature does not hold: changed, cut, or made up. */
  Forged: 4,
  /** Genuine, but of another kind: a click link called as a win notice. */
  WrongKind: 5,
  /** Genuine, but past its life. */
  Expired: 6,
} as const
export type TokenRefusal = (typeof TokenRefusal)[keyof typeof TokenRefusal]

/** Name of a token refusal for metrics, in kebab-case: `wrong-kind`. */
export const tokenRefusalNames: ReadonlyMap<number, string> = new Map(
  Object.entries(TokenRefusal).map(([name, code]) => [
    code,
    name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase(),
  ]),
)
