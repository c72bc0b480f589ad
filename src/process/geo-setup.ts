/** Where addresses are, for one process: the operator's file, or nothing. */
import type { Config } from '../config/config.ts'
import { type GeoSource, noGeo } from '../domain/geo-port.ts'
import { openMmdbSource } from '../geo/mmdb-source.ts'
import type { Logger } from '../telemetry/logger.ts'

/** The source, and how to stop looking for a newer file. */
export interface GeoSetup {
  readonly source: GeoSource
  readonly stop: () => void
}

/** Rejects with `GeoFileError` when the configured file cannot be used. */
export async function setUpGeo(config: Config, log: Logger): Promise<GeoSetup> {
  if (config.geoFile === '') return { source: noGeo, stop: () => undefined }
  const source = await openMmdbSource({
    path: config.geoFile,
    every: (ms, run) => {
      const timer = setInterval(run, ms)
      return () => clearInterval(timer)
    },
    onLoaded: ({ databaseType, builtAtMs }) =>
      log.info({ file: config.geoFile, databaseType, builtAtMs }, 'geo file in force'),
    onProblem: (problem) => log.warn({ problem }, 'geo file refused, the one before stays'),
  })
  return { source, stop: () => source.stop() }
}
