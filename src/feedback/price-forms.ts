/** How each exchange of the catalog tells prices, found by the serial that tokens carry. */
import type { Exchange } from '../domain/exchange.ts'
import { type Serial, serialOf } from '../domain/serial.ts'
import type { GooglePriceKeys } from './google-price.ts'
import type { PriceForm } from './price-param.ts'

/** The port that notices are read with; null = no such exchange is known now. */
export interface PriceFormSource {
  formOf(exchange: Serial): PriceForm | null
}

const base64Macro = /:B64\}$/i

/** Forms of the exchanges in force, made anew when the catalog has others. */
export class PriceForms implements PriceFormSource {
  readonly #keys: ReadonlyMap<string, GooglePriceKeys>
  readonly #exchanges: () => readonly Exchange[]
  #of: readonly Exchange[] = []
  #forms = new Map<Serial, PriceForm>()

  /** `keys` by exchange id; `exchanges` gives the same array as long as nothing changed. */
  constructor(keys: ReadonlyMap<string, GooglePriceKeys>, exchanges: () => readonly Exchange[]) {
    this.#keys = keys
    this.#exchanges = exchanges
  }

  formOf(exchange: Serial): PriceForm | null {
    const now = this.#exchanges()
    if (now !== this.#of) this.#learn(now)
    return this.#forms.get(exchange) ?? null
  }

  #learn(exchanges: readonly Exchange[]): void {
    this.#of = exchanges
    this.#forms = new Map(
      exchanges.map(({ id, priceUnit, macros }) => [
        serialOf('exchange', id),
        {
          unit: priceUnit,
          isBase64: base64Macro.test(macros.price),
          keys: this.#keys.get(id) ?? null,
        },
      ]),
    )
  }
}
