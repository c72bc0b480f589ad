/** What a model may ask of a process; beyond it a version is refused. */

/** Every process holds every model: 256 MiB is a table of 2^22 slots of 16 weights. */
export const graphBytesMax = 256 * 1024 * 1024
/** Vocabularies are in it: 2^20 words of 24 bytes, twice. */
export const manifestBytesMax = 64 * 1024 * 1024
/** 2 048 rows of facts and encoded columns, some 8 KiB each. */
export const parityBytesMax = 16 * 1024 * 1024
/** Golden vectors run again at every load: 2 048 of them take well below a second. */
export const parityRowsMax = 2_048
/** Each costs every ask or every creative some time, and a person who looks at the list. */
export const featuresMax = 256
/** Columns of one feature; feature-layout.ts bounds those of a side. */
export const featureWidthMax = 512
/** Slots of one feature; feature-layout.ts bounds those of all. */
export const featureSlotsMax = 1 << 24
/** Coarse rank multiplies this often a creative, 2 000 creatives in 0.2 ms (issue 4). */
export const vectorWidthMax = 64
/** Knots of an isotonic curve: more than a bisection of 10 steps gains nothing. */
export const knotsMax = 1_024
/** Exchanges with a calibration of their own: as many as telemetry tells apart. */
export const calibratedExchangesMax = 1_000
/**
 * The most that `parity.maxDifference` may allow. Float32 sums in another order differ by some
 * 1e-7; beyond 1e-5 another model answers.
 */
export const parityDifferenceMax = 1e-5
/** First opset whose ReduceSum and Unsqueeze take axes as an input, as our trainers write them. */
export const opsetMin = 13
/** The last one whose operators onnxruntime 1.30 was tried with here; PyTorch exports 17. */
export const opsetMax = 21
