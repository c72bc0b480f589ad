/** `SLUICE_PRICE_KEYS`: keys of encrypted prices, by exchange. */

/** The two keys of one exchange. */
export interface PriceKeySetting {
  /** Id of the exchange in the catalog. */
  readonly exchange: string
  readonly encryption: Uint8Array
  readonly integrity: Uint8Array
}

/** The form that a complaint asks for. */
export const priceKeysWanted =
  'exchange:encryption key:integrity key, more of them after commas; keys of 32 bytes in base64, ' +
  'each exchange once'

/** More accounts with encrypted prices than one house has. */
const exchangesMax = 64
const keyBytes = 32
/** 32 bytes are 43 characters, either alphabet, and one of padding that may be left out. */
const pattern =
  /^([A-Za-z0-9][A-Za-z0-9._-]{0,63}):([A-Za-z0-9+/_-]{43}=?):([A-Za-z0-9+/_-]{43}=?)$/

/** The keys; none for '', null when the text is not of the form. */
export function parsePriceKeys(text: string): readonly PriceKeySetting[] | null {
  if (text === '') return []
  const all: PriceKeySetting[] = []
  for (const part of text.split(',')) {
    const [, exchange = '', encryption = '', integrity = ''] = pattern.exec(part.trim()) ?? []
    if (exchange === '' || all.some((one) => one.exchange === exchange)) return null
    all.push({ exchange, encryption: keyOf(encryption), integrity: keyOf(integrity) })
  }
  return all.length <= exchangesMax ? Object.freeze(all) : null
}

function keyOf(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, 'base64')).subarray(0, keyBytes)
}
