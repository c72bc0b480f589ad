/** Smallest bodies that the admin API takes for bid entities, and a catalog made of them. */
import type { Harness } from './control-harness.ts'

/** An advertiser `acme`. */
export const advertiserBody = { currency: 'USD', domains: ['shop.example'] }

/** A campaign of `acme`. */
export const campaignBody = { advertiserId: 'acme', goal: { kind: 'cpm', bidCpm: '2.50' } }

/** A banner of campaign `spring`. */
export const bannerBody = {
  campaignId: 'spring',
  clickUrl: 'https://shop.example/',
  banner: { w: 300, h: 250, imageUrl: 'https://cdn.example/a.png' },
}

/** Puts advertiser `acme` and its campaign `spring`. */
export async function putCampaign(harness: Harness, over: object = {}): Promise<void> {
  await harness.call('PUT', '/api/v1/advertisers/acme', { body: advertiserBody })
  await harness.call('PUT', '/api/v1/campaigns/spring', { body: { ...campaignBody, ...over } })
}

/** Paths of the errors, or of the warnings, of an answer, sorted. */
export function pathsOf(
  answer: { readonly body: Record<string, unknown> },
  which: 'errors' | 'warnings' = 'errors',
): string[] {
  return ((answer.body[which] ?? []) as { path: string }[]).map(({ path }) => path).sort()
}
