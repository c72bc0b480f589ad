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

/**
 * The size of a banner creative that has none of its own: it fills whatever slot it is in (AdCOM
 * creative attribute 18).
 */
export const responsiveSize: SizePx = { w: 0, h: 0 }

/** True for the size of a creative that fills its slot. */
export function isResponsive({ w, h }: SizePx): boolean {
  return w === 0 && h === 0
}
