/** Names and versions of models are folder names. */

/** No path can be spelled with it, and it sorts the same on every file system. */
const modelWord = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** True for what may name a model or a version. */
export function isModelWord(text: string): boolean {
  return modelWord.test(text)
}
