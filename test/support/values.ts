/** Reads and writes of single devices in a bucket store, for contract and fault suites. */
import { BucketBuilder } from '../../src/store/bucket-bytes.ts'
import type { BucketBytes, Store, ValueAddress } from '../../src/store/ports.ts'

/** One device of a bucket. */
export interface TestDevice {
  readonly high: number
  readonly low: number
  readonly value: string
}

/** Bucket bytes of some devices, in any order. */
export function bucketOfDevices(devices: readonly TestDevice[]): BucketBytes {
  const builder = new BucketBuilder()
  for (const { high, low, value } of [...devices].sort(
    (a, b) => a.high - b.high || a.low - b.low,
  )) {
    builder.push(high, low, Buffer.from(value), 0, value.length)
  }
  return builder.finish()
}

/** The address of device `high` (lower field half 1) in bucket 0 of a shard. */
export function addressIn(shard: number, high = 1): ValueAddress {
  return { shard, generation: 0, bucket: 0, fieldHigh: high, fieldLow: 1 }
}

/** Puts one device with a value into bucket 0 of a shard. */
export function putDevice(store: Store, shard: number, value: string): Promise<void> {
  const bytes = bucketOfDevices([{ high: 1, low: 1, value }])
  return store.buckets.store(shard, 0, [{ bucket: 0, bytes, before: null }])
}

/** What a worker gets: the values as text ('' = none), or null when the store could not answer. */
export async function readValues(
  store: Store,
  addresses: readonly ValueAddress[],
  withinMs = 2_000,
): Promise<string[] | null> {
  const values = addresses.map(() => '?')
  const sink = {
    value: (index: number, bytes: Uint8Array, start: number, end: number) => {
      values[index] = Buffer.from(bytes.subarray(start, end)).toString('latin1')
    },
  }
  const deadlineMs = performance.now() + withinMs
  const ok = await store.buckets.reader.read(addresses, addresses.length, sink, deadlineMs)
  return ok ? values : null
}

/** Looks until it is so; throws after ten seconds. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAtMs = performance.now() + 10_000
  while (!(await isSo())) {
    if (performance.now() > giveUpAtMs) throw new Error('it did not come about within 10 s')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
