/**
 * The media Sluice speaks: one line per medium, and the adapters of one process built from them.
 */
import type { MonitorDescription } from '../domain/monitor.ts'
import type { AdapterContext, MediumAdapter, MediumRules } from './adapter.ts'
import { baiduMonitor } from './baidu/monitor.ts'
import { bilibiliMonitor } from './bilibili/monitor.ts'
import { huaweiMonitor } from './huawei/monitor.ts'
import { kuaishouMonitor } from './kuaishou/monitor.ts'
import { createOceanengineAdapter, oceanengineRules } from './oceanengine/adapter.ts'
import { oceanengineMonitor } from './oceanengine/monitor.ts'
import { oppoMonitor } from './oppo/monitor.ts'
import { createSluiceAdapter, sluiceRules } from './sluice/adapter.ts'
import { createTencentAdapter } from './tencent/adapter.ts'
import { tencentMonitor } from './tencent/monitor.ts'
import { tencentRules } from './tencent/rules.ts'
import { vivoMonitor } from './vivo/monitor.ts'
import { weiboMonitor } from './weibo/monitor.ts'
import { xiaohongshuMonitor } from './xiaohongshu/monitor.ts'
import { zhihuMonitor } from './zhihu/monitor.ts'

/** What the registry knows of a built-in medium before any adapter is built. */
export interface MediumFactory {
  readonly rules: MediumRules
  /** Builds the adapter, its refusal bytes included; called once per process. */
  readonly create: (context: AdapterContext) => MediumAdapter
}

/** One built-in medium to build, with the operating values of its adapter. */
export interface MediumToBuild {
  /** A name of `builtInMedia`. */
  readonly name: string
  readonly context: AdapterContext
}

/** A registry that cannot be built from what the configuration asks; fatal at start. */
export class MediaSetupError extends Error {
  readonly code: 'SLUICE_MEDIA_UNKNOWN' | 'SLUICE_MEDIA_DUPLICATE'

  constructor(code: MediaSetupError['code'], message: string) {
    super(message)
    this.name = 'MediaSetupError'
    this.code = code
  }
}

/**
 * Media with code of their own, by route name (`POST /rta/<name>`). Media that are configuration
 * only are built by `described` and handed to `createAdapters` ready made.
 */
export const builtInMedia: Readonly<Record<string, MediumFactory>> = {
  oceanengine: { rules: oceanengineRules, create: createOceanengineAdapter },
  sluice: { rules: sluiceRules, create: createSluiceAdapter },
  tencent: { rules: tencentRules, create: createTencentAdapter },
}

/** Media whose monitoring links (`GET /m/<name>/<kind>`) we take: one line a medium. */
export const builtInMonitors: readonly MonitorDescription[] = [
  baiduMonitor,
  bilibiliMonitor,
  huaweiMonitor,
  kuaishouMonitor,
  oceanengineMonitor,
  oppoMonitor,
  tencentMonitor,
  vivoMonitor,
  weiboMonitor,
  xiaohongshuMonitor,
  zhihuMonitor,
]

/**
 * Builds the adapters of one process, by medium name. Throws `MediaSetupError` when a name is
 * not built in (the operator's configuration) or stands twice.
 */
export function createAdapters(
  media: readonly MediumToBuild[],
  described: readonly MediumAdapter[] = [],
): Map<string, MediumAdapter> {
  const adapters = new Map<string, MediumAdapter>()
  for (const { name, context } of media) {
    const factory = Object.hasOwn(builtInMedia, name) ? builtInMedia[name] : undefined
    if (factory === undefined) {
      const known = Object.keys(builtInMedia).join(', ')
      throw new MediaSetupError('SLUICE_MEDIA_UNKNOWN', `no medium "${name}"; built in: ${known}`)
    }
    put(adapters, factory.create(context))
  }
  for (const adapter of described) put(adapters, adapter)
  return adapters
}

function put(adapters: Map<string, MediumAdapter>, adapter: MediumAdapter): void {
  if (adapters.has(adapter.name)) {
    throw new MediaSetupError('SLUICE_MEDIA_DUPLICATE', `medium "${adapter.name}" stands twice`)
  }
  adapters.set(adapter.name, adapter)
}
