/** What one request may ask of models: the road keeps to it, the batcher has room for it. */

/** Slots of one request that models look at; those beyond keep the order of the prior. */
export const asksMax = 16

/** Rows of one request that fine rank scores at most, over all of its slots (design.md §3). */
export const fineRowsMax = 200
