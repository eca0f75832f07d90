import { int64, json, monotonous, topology, valueState } from 'millrace'

interface Transaction {
  readonly id: string
  readonly amount: number
}

interface Alert {
  readonly account: string
  readonly transaction: string
}

/** A large transaction within a minute of a small one on the same account is suspicious. */
export default topology('fraud-detection', (t) => {
  t.stream('transactions', {
    value: json<Transaction>(),
    watermark: monotonous(),
    idleAfter: '10s',
  })
    .groupByKey()
    .process('detector', {
      out: json<Alert>(),
      state: { smallUntil: valueState(int64) },
      onRecord(ctx, { id, amount }) {
        const { smallUntil } = ctx.state
        const until = smallUntil.get()
        if (until !== undefined) {
          if (amount > 500) ctx.emit({ account: ctx.key, transaction: id })
          ctx.timers.deleteEventTime(until)
          smallUntil.clear()
        }
        if (amount < 1) {
          const next = ctx.timestamp + 60_000
          smallUntil.set(next)
          ctx.timers.eventTime(next)
        }
      },
      onTimer: (ctx) => ctx.state.smallUntil.clear(),
    })
    .to('alerts')
})
