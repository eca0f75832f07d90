import { boolean, int64, json, mapState, outputTag, string, topology, valueState } from 'millrace'

/** Money in, or out where it is negative; asked for again it is done once. */
interface Command {
  readonly id: string
  readonly amount: number
}

interface Entry extends Command {
  readonly balance: number
}

const rejected = outputTag('rejected', json<Command & { readonly reason: string }>())

/**
 * Commands become the entries of each account's ledger, or are rejected. The balance is a store:
 * `app.store('ledger-balance').get('ann')`.
 */
export default topology('account-ledger', (t) => {
  const entries = t
    .stream('commands', { value: json<Command>() })
    .groupByKey()
    .process('ledger', {
      out: json<Entry>(),
      sides: [rejected],
      state: {
        balance: valueState(int64),
        done: mapState(string, boolean, { ttl: '7d' }),
      },
      onRecord(ctx, command) {
        const { balance, done } = ctx.state
        if (done.has(command.id)) return
        done.set(command.id, true)
        const after = (balance.get() ?? 0) + command.amount
        if (after < 0) {
          ctx.side(rejected, { ...command, reason: `the balance is ${balance.get() ?? 0}` })
          return
        }
        balance.set(after)
        ctx.emit({ ...command, balance: after })
      },
    })
  entries.to('entries')
  entries.sideOutput(rejected).to('rejections')
})
