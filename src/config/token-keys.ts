/** `SLUICE_TOKEN_KEYS` and `SLUICE_PUBLIC_URL`: their forms and what is wrong with them. */

/** One key of tokens: an id that stands in every token, and secret bytes. */
export interface TokenSecretSetting {
  /** 0-255; 0 is the key that comes from the device salt. */
  readonly id: number
  /** Null: derived from the device salt. */
  readonly bytes: Uint8Array | null
}

/** The forms that a complaint asks for. */
export const tokenKeysWanted =
  'id:hex,id:hex with ids 1-255, each once, and 32 to 128 hex digits (16 to 64 bytes); ' +
  'the word salt for the key derived from the device salt'
export const publicUrlWanted =
  'http:// or https:// with a host, at most 100 characters, without user, query or fragment'

/** A rotation needs two keys at once; more than eight are forgotten ones. */
const keysMax = 8
/** Tokens take 200 characters and macros another 100; exchanges cut links from 1 000 or 2 000 on. */
const urlCharsMax = 100
const keyPattern = /^(\d{1,3}):((?:[0-9a-f]{2}){16,64})$/i

/** The keys, first one signing; null when the text is not of the form. */
export function parseTokenKeys(text: string): readonly TokenSecretSetting[] | null {
  const keys: TokenSecretSetting[] = []
  for (const part of text.split(',')) {
    const key = keyOf(part.trim())
    if (key === null || keys.some(({ id }) => id === key.id)) return null
    keys.push(key)
  }
  return keys.length <= keysMax ? Object.freeze(keys) : null
}

function keyOf(text: string): TokenSecretSetting | null {
  if (text === 'salt') return { id: 0, bytes: null }
  const [, id = '', hex = ''] = keyPattern.exec(text) ?? []
  const number = Number(id)
  if (number < 1 || number > 255) return null
  return { id: number, bytes: Uint8Array.from(Buffer.from(hex, 'hex')) }
}

/** The address without a slash at its end; null when it is none that links can begin with. */
export function parsePublicUrl(text: string): string | null {
  if (text.length > urlCharsMax || !/^https?:\/\/[^\s?#@"'<>\\&]+$/i.test(text)) return null
  if (!URL.canParse(text)) return null
  const { origin, pathname } = new URL(text)
  return `${origin}${pathname}`.replace(/\/+$/, '')
}
