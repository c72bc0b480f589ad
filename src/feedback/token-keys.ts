/** The secrets of tokens: from configured bytes, or derived from the device salt. */
import { hkdfSync } from 'node:crypto'
import { AesCtr } from '../lib/aes-ctr.ts'
import { HmacSha512 } from '../lib/hmac-sha512.ts'
import { bodyBytesMax, tokenCharsMax } from './token-body.ts'

/** One configured secret. `bytes` null = derived from the device salt. */
export interface TokenSecret {
  /** 0-255; stands in every token in the clear. */
  readonly id: number
  readonly bytes: Uint8Array | null
}

/** What one secret becomes: one key to sign texts, another to seal bodies. */
export interface TokenKey {
  readonly id: number
  readonly sign: HmacSha512
  readonly seal: AesCtr
}

/** The key whose tokens we make, and all whose tokens we take. */
export interface TokenKeys {
  readonly current: TokenKey
  /** By key id. */
  readonly known: ReadonlyMap<number, TokenKey>
}

/** Used when nothing is configured; its id is kept for it. */
export const saltSecret: TokenSecret = { id: 0, bytes: null }

const sealKeyBytes = 32
const signKeyBytes = 64

/** Expands secrets into keys; the first one signs. Throws RangeError on an empty list. */
export function tokenKeys(secrets: readonly TokenSecret[], salt: Uint8Array): TokenKeys {
  const keys = secrets.map(({ id, bytes }) => expand(id, bytes ?? salt, bytes === null))
  const [current] = keys
  if (current === undefined) throw new RangeError('no token key')
  return { current, known: new Map(keys.map((key) => [key.id, key])) }
}

/**
 * HKDF-SHA256 (RFC 5869) with a label a use, so that no two uses share a key, and none of them
 * tells anything of the device salt.
 */
function expand(id: number, secret: Uint8Array, isSalt: boolean): TokenKey {
  const origin = isSalt ? 'device salt' : 'token key'
  const derive = (use: string, bytes: number): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', secret, '', `sluice token 1 ${use} from ${origin}`, bytes))
  return {
    id,
    sign: new HmacSha512(derive('sign', signKeyBytes), tokenCharsMax),
    seal: new AesCtr(derive('seal', sealKeyBytes), bodyBytesMax),
  }
}
