/** How long the head of a data plane request may be: monitoring links carry a dozen macros. */

/**
 * Media take links of up to 10 K and fill macros in; with the headers beside it that is a head of
 * some 12 KiB. uWebSockets.js stops at 4 KiB (431) unless its environment says otherwise.
 */
const headBytesMax = 16 * 1_024

/**
 * Tells uWebSockets.js, which reads its environment once, when it is loaded: so this must be called
 * before http/ is imported. A limit that the operator set stays.
 */
export function raiseHeadLimit(environment: NodeJS.ProcessEnv = process.env): void {
  environment['UWS_HTTP_MAX_HEADERS_SIZE'] ??= String(headBytesMax)
}
