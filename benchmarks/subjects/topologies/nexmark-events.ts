import { bytes, json, monotonous, type Stream, topology, type Topology } from 'millrace'
import type { Auction, Bid, NexmarkEvent, Person } from '../../load/nexmark.ts'
import { run } from './run.ts'

/** NEXMark's events by their kind, with their times. */
export interface NexmarkStreams {
  readonly persons: Stream<Uint8Array, Person>
  readonly auctions: Stream<Uint8Array, Auction>
  readonly bids: Stream<Uint8Array, Bid>
}

/** A query over the events of NEXMark; it writes its answers itself. */
export function eventQuery(query: (events: NexmarkStreams) => void): Topology {
  return topology(run.application, (t) => {
    const events = t.stream(run.nexmark, {
      key: bytes,
      value: json<NexmarkEvent>(),
      watermark: monotonous(),
    })
    query({
      persons: events.filter((event): event is Person => event.kind === 'person'),
      auctions: events.filter((event): event is Auction => event.kind === 'auction'),
      bids: events.filter((event): event is Bid => event.kind === 'bid'),
    })
  })
}
