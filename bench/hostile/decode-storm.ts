/** Throws hostile bodies at one RTA adapter: its decode, and the refusal it writes for each. */
import { AdRequest } from '../../src/domain/ad-request.ts'
import { refuse } from '../../src/domain/decision.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import type { MediumAdapter } from '../../src/media/adapter.ts'
import { type StormReport, storm } from './storm.ts'

/** No body may cost more, repeated alone (issue "The gate"). */
export const slowMs = 1

/** Decodes `count` bodies of `next`, sent as `contentType`, and encodes a refusal for each. */
export function decodeStorm(
  adapter: MediumAdapter,
  next: () => Uint8Array,
  count: number,
  contentType: string,
): StormReport {
  const request = new AdRequest()
  const headers = adapter.wantedHeaders.map((name) => (name === 'content-type' ? contentType : ''))
  const target = {
    run: (body: Uint8Array): boolean => {
      request.clear()
      return adapter.decode({ body, headers, query: '' }, request) === Refusal.None
    },
    answer: (isChecked: boolean): boolean => {
      const answer = adapter.encode(request, refuse(Refusal.AudienceMismatch))
      if (!isChecked) return true
      const { valid, accepted } = adapter.describeAnswer(answer)
      return valid && !accepted
    },
  }
  return storm(target, next, { count, slowMs })
}
