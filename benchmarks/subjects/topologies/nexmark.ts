import { bytes, json, type Stream, topology, type Topology } from 'millrace'
import type { Bid, NexmarkEvent } from '../../load/nexmark.ts'
import { run } from './run.ts'

/** A query over the bids of NEXMark's events. */
export function bidQuery<Answer>(
  query: (bids: Stream<Uint8Array, Bid>) => Stream<Uint8Array, Answer>,
): Topology {
  return topology(run.application, { key: bytes, value: json<Answer>() }, (t) => {
    const bids = t
      .stream(run.nexmark, { value: json<NexmarkEvent>() })
      .filter((event) => event.kind === 'bid')
      .mapValues(asBid)
    query(bids).to(run.output)
  })
}

function asBid(event: NexmarkEvent): Bid {
  if (event.kind === 'bid') return event
  throw new Error(`a bid, and not: ${event.kind}`)
}
