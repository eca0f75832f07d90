import { int64, json, string, topology } from '../../../src/index.ts'
import { byKey, expectSame, lastValues, pick, recordsOf, type Scenario } from '../scenario.ts'

const keys = ['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7'] as const

interface Joined {
  readonly click: number
  readonly user: string | null
}

/** Each click comes out once, in order, with a value that the table had; the table is its topic. */
export const tableJoin: Scenario = {
  name: 'table-join',
  make: () => ({
    topology: topology('table-join', (t) => {
      const users = t.table('users', { key: string, value: string })
      const clicks = t.stream('clicks', { key: string, value: int64 })
      clicks
        .leftJoin('clicked', users, (click, user): Joined => ({ click, user }))
        .to('joined', { value: json<Joined>() })
      users.to('users-seen')
    }),
    inputs: {
      users: (random) => ({
        key: pick(random, keys),
        value: random() < 0.15 ? null : `u${Math.floor(random() * 1e6)}`,
      }),
      clicks: (random) => ({ key: pick(random, keys), value: Math.floor(random() * 1e9) }),
    },
    verify: ({ inputs, outputs }) => {
      const users = byKey(recordsOf(inputs, 'users'))
      const joined = byKey(recordsOf(outputs, 'joined'))
      for (const [key, clicks] of byKey(recordsOf(inputs, 'clicks'))) {
        const found = (joined.get(key) ?? []).map(({ value }) => value as Joined)
        const expected = clicks.map(({ value }) => value)
        expectSame(
          `clicks of ${key}`,
          found.map(({ click }) => click),
          expected,
        )
        const history = new Set<unknown>([
          null,
          ...(users.get(key) ?? []).map(({ value }) => value),
        ])
        const stranger = found.find(({ user }) => !history.has(user))
        if (stranger !== undefined) throw new Error(`${key} never had ${String(stranger.user)}`)
      }
      const last = lastValues(recordsOf(inputs, 'users'))
      expectSame('users', lastValues(recordsOf(outputs, 'users-seen')), last)
      const [one, other] = [recordsOf(outputs, 'users-seen'), recordsOf(inputs, 'users')]
      expectSame('changes of users', one.length, other.length)
    },
  }),
}
