/** Formats of ads and of the slots they fit. */

/** Numbers are OpenRTB 2.6 `Bid.mtype`. */
export const Format = { Banner: 1, Video: 2, Audio: 3, Native: 4 } as const
export type Format = (typeof Format)[keyof typeof Format]

/** API names of the formats, by number; index 0 is none. */
export const formatNames = ['none', 'banner', 'video', 'audio', 'native'] as const
export type FormatName = 'banner' | 'video' | 'audio' | 'native'

/** A size in device-independent pixels. */
export interface SizePx {
  readonly w: number
  readonly h: number
}
