/** What reads input, and what reads changelogs: on lanes of their own. */
import { fetchWaitMs } from '../config/cross-checks.ts'
import type { Settings } from '../config/option-table.ts'
import type { Fetcher, KafkaClient } from '../kafka/client/port.ts'

/** @param wantedAfter When records that come after a moment are wanted, where that is known. */
export function inputFetcher(
  client: KafkaClient,
  settings: Settings,
  wantedAfter: (ms: number) => number | undefined,
): Fetcher {
  return client.fetcher({
    isolation: 'read_committed',
    waitMs: fetchWaitMs(settings),
    wantedAfter,
    bytesMin: settings.fetchBytesMin,
    bytesMax: settings.fetchBytesMax,
    partitionBytesMax: settings.fetchPartitionBytesMax,
    bufferBytesMax: settings.fetchBufferBytesMax,
    lane: 'fetch',
  })
}

export function restoreFetcher(client: KafkaClient, settings: Settings): Fetcher {
  return client.fetcher({
    isolation: 'read_committed',
    waitMs: 100,
    bytesMin: 1,
    bytesMax: settings.restoreBytesMax,
    partitionBytesMax: settings.restoreBytesMax,
    bufferBytesMax: settings.restoreBytesMax,
    lane: 'restore',
  })
}
