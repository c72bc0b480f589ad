/** Why an id text gives no device key. */

/** 0 = the id is fine. Numbers are stable: they are labels of metrics and of upload reports. */
export const IdDoubt = {
  None: 0,
  /** Nothing but white space, or no letter and no digit. */
  Empty: 1,
  /** Longer than `idBytesMax`, or a scope longer than `scopeBytesMax`. */
  TooLong: 2,
  /** A md5 field of the right length that holds something else than hex digits. */
  NotHex: 3,
  /** Shorter or longer than any real id of the type. */
  WrongLength: 4,
  /** A byte that no id of the type has, or a dash where none belongs. */
  BadCharacter: 5,
  /** A macro that the sender did not replace: `__OAID__`, `{oaid}`, `$im$`. */
  Macro: 6,
  /** One digit repeated, in any dress: zeros, f, an all-zero UUID; also as a md5 value. */
  Zeros: 7,
  /** A text that stands for "no id" (unknown, null, 02:00:00:00:00:00), or the md5 of one. */
  Placeholder: 8,
  /** 32 hex digits where a UUID with dashes is due: perhaps its md5, perhaps it without dashes. */
  Ambiguous: 9,
} as const
export type IdDoubt = (typeof IdDoubt)[keyof typeof IdDoubt]

/** Names of the doubts by number, in kebab-case: `wrong-length`. */
export const idDoubtNames: readonly string[] = Object.keys(IdDoubt).map((name) =>
  name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase(),
)
