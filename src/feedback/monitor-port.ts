/** What intake needs of the media to take `GET /m/{medium}/{imp|click|conv}`. */
import type { FeedbackEvent } from './event.ts'

/** Why a monitoring link was not taken. Numbers are stable: metrics labels, docs/feedback.md. */
export const MonitorRefusal = {
  /** No medium of this name takes monitoring links here. */
  UnknownMedium: 1,
  /** The last part of the path is none of imp, click and conv. */
  UnknownKind: 2,
  /** The link is signed, and the signature does not hold. */
  BadSignature: 3,
  /** The advertiser takes signed links only, and this one is not. */
  UnsignedLink: 4,
  /** It names no campaign of ours. */
  NoCampaign: 5,
  /** What must be there is missing, or the query is no query. */
  Malformed: 6,
} as const
export type MonitorRefusal = (typeof MonitorRefusal)[keyof typeof MonitorRefusal]

/** One call of a monitoring link, as it came. */
export interface MonitorRequest {
  /** A medium of the path, whatever a sender made up; the route has checked the kind. */
  readonly medium: string
  readonly kind: 'imp' | 'click' | 'conv'
  /** What stands behind the `?`, undecoded. */
  readonly query: string
  readonly receivedAtMs: number
  /** Truncated address of the socket. */
  readonly network: string
  /** The user agent header. */
  readonly agent: string
}

/** An event, or why there is none. */
export type MonitorReading =
  | { readonly ok: true; readonly event: FeedbackEvent }
  | { readonly ok: false; readonly refusal: MonitorRefusal }

/** Reads monitoring links. Never throws. */
export interface MonitorSource {
  read(request: MonitorRequest): MonitorReading
}
