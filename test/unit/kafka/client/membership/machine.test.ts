import { expect, test } from '@jest/globals'
import { step } from '../../../../../src/kafka/client/membership/machine.ts'
import {
  type MemberCommand,
  type MemberEvent,
  type MemberSettings,
  type MemberState,
  unjoined,
} from '../../../../../src/kafka/client/membership/state.ts'
import { StreamError } from '../../../../../src/model/errors.ts'

const settings: MemberSettings = {
  groupId: 'counts',
  instanceId: null,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  heartbeatIntervalMs: 3_000,
}
const broken = new StreamError('BROKER_UNREACHABLE', 'no route', {
  domain: 'external',
  recovery: 'refresh',
})

/** A member under test: events in, commands collected, time by hand. */
class Member {
  state: MemberState = unjoined
  nowMs = 1_000
  commands: readonly MemberCommand[] = []
  readonly #settings: MemberSettings

  constructor(more: Partial<MemberSettings> = {}) {
    this.#settings = { ...settings, ...more }
  }

  on(event: MemberEvent): this {
    const { state, commands } = step(this.state, event, this.#settings, this.nowMs)
    this.state = state
    this.commands = commands
    return this
  }

  /** The awaited answer of the join cycle or hook. */
  joined(errorCode = 0, generation = 1, memberId = 'm1'): this {
    const answer = { errorCode, memberId, generation }
    return this.on({ kind: 'joined', turn: this.state.turn, answer })
  }

  synced(errorCode = 0, sentAt = this.nowMs): this {
    return this.on({ kind: 'synced', turn: this.state.turn, errorCode, sentAt })
  }

  beaten(errorCode: number, sentAt = this.nowMs): this {
    return this.on({ kind: 'beaten', generation: this.state.generation, errorCode, sentAt })
  }

  hookDone(): this {
    return this.on({ kind: 'hook-done', turn: this.state.turn })
  }

  undelivered(error = broken): this {
    return this.on({ kind: 'undelivered', turn: this.state.turn, error })
  }

  stable(): this {
    return this.on({ kind: 'start' }).joined().synced().hookDone()
  }

  kinds(): readonly string[] {
    return this.commands
      .filter(({ kind }) => kind !== 'cancel')
      .map((command) => {
        if (command.kind === 'call') return `call ${command.hook}`
        return command.kind === 'timer' ? `timer ${command.name}` : command.kind
      })
  }

  error(): string | undefined {
    const found = this.commands.find((command) => 'error' in command)
    return found !== undefined && 'error' in found ? found.error.code : undefined
  }
}

test('joins with the id that the broker gives, then syncs, takes over and is stable', () => {
  const member = new Member().on({ kind: 'start' })
  expect(member.commands.at(-1)).toMatchObject({ kind: 'join', memberId: '', fresh: true })
  member.joined(79)
  expect(member.commands.at(-1)).toMatchObject({ kind: 'join', memberId: 'm1', fresh: false })
  expect(member.joined().kinds()).toEqual(['sync'])
  expect(member.synced().kinds()).toEqual(['call assigned', 'timer heartbeat', 'timer session'])
  expect(member.hookDone().state.phase).toBe('stable')
})

test('beats at the interval, counted from when the last beat was sent', () => {
  const member = new Member().stable().on({ kind: 'timer', name: 'heartbeat' })
  expect(member.commands).toEqual([{ kind: 'heartbeat', memberId: 'm1', generation: 1 }])
  const sentAt = member.nowMs
  member.nowMs += 500
  member.beaten(0, sentAt)
  expect(member.commands).toEqual([{ kind: 'timer', name: 'heartbeat', delayMs: 2_500 }])
})

test('commits what is in flight before it joins the next round, and beats meanwhile', () => {
  const member = new Member().stable().beaten(27)
  expect(member.state.phase).toBe('preparing')
  expect(member.kinds()).toEqual(['call rejoin', 'timer rejoin', 'timer heartbeat'])
  expect(member.beaten(27).kinds()).toEqual(['timer heartbeat'])
  expect(member.hookDone().commands.at(-1)).toMatchObject({ kind: 'join', memberId: 'm1' })
})

test('finishes taking over before it prepares for the round that has begun meanwhile', () => {
  const member = new Member().on({ kind: 'start' }).joined().synced().beaten(27)
  expect(member.state.phase).toBe('taking')
  expect(member.kinds()).toEqual(['timer rejoin', 'timer heartbeat'])
  expect(member.hookDone().kinds()).toEqual(['call rejoin'])
})

test('is lost when it cannot join again within the rebalance time-out', () => {
  const member = new Member().stable()
  member.nowMs += 20_000
  member.beaten(0).nowMs += 3_000
  member.beaten(27)
  // The rebalance began after the last beat that found the group stable.
  expect(member.commands).toContainEqual({ kind: 'timer', name: 'rejoin', delayMs: 57_000 })
  const { turn } = member.state
  member.on({ kind: 'timer', name: 'rejoin' })
  expect([member.state.phase, member.error()]).toEqual(['losing', 'REBALANCE_TOO_SLOW'])
  // The hook that was too slow changes nothing any more.
  expect(member.on({ kind: 'hook-done', turn }).state.phase).toBe('losing')
})

test('a member that slept through a generation has lost its tasks, though it still is one', () => {
  const again = () => new Member({ instanceId: 'w1' }).stable().beaten(27).hookDone()
  expect(again().joined(0, 2).kinds()).toContain('sync')
  const slept = again().joined(0, 3)
  expect([slept.kinds(), slept.error()]).toEqual([['call lost'], 'KAFKA_ILLEGAL_GENERATION'])
  expect(slept.hookDone().commands.at(-1)).toMatchObject({ kind: 'join', fresh: true })
})

test('a round that begins while it syncs lets it commit once more, if it has anything', () => {
  const fresh = new Member().on({ kind: 'start' }).joined().synced(27)
  expect(fresh.kinds()).toEqual(['join'])
  const member = new Member().stable().beaten(27).hookDone().joined(0, 2).synced(27)
  expect(member.state).toMatchObject({ phase: 'preparing', generation: 2 })
  expect(member.kinds()).toContain('call rejoin')
})

for (const [code, memberId] of [
  [25, ''],
  [22, 'm1'],
] as const) {
  test(`error ${code} tells the worker that all is lost before it joins again`, () => {
    const member = new Member().stable().beaten(code)
    expect(member.state).toMatchObject({ phase: 'losing', generation: -1 })
    expect(member.kinds()).toEqual(['call lost'])
    expect(member.hookDone().commands.at(-1)).toMatchObject({ kind: 'join', memberId })
  })
}

test('a member that has nothing yet joins again at once when it is expelled', () => {
  const member = new Member().on({ kind: 'start' }).joined(79).joined(25)
  expect(member.commands.at(-1)).toMatchObject({ kind: 'join', memberId: '' })
  expect(member.joined(25).kinds()).toEqual(['forget-coordinator', 'timer retry'])
})

test('a session counts from when it was asked for, however late the answer is', () => {
  const member = new Member().on({ kind: 'start' }).joined()
  const sentAt = member.nowMs
  member.nowMs += 3_000
  const alarm = member
    .synced(0, sentAt)
    .commands.find((command) => command.kind === 'timer' && command.name === 'session')
  member.hookDone()
  member.nowMs += alarm?.kind === 'timer' ? alarm.delayMs : 0
  member.on({ kind: 'timer', name: 'session' })
  const left = sentAt + 10_000 - member.nowMs
  expect(member.commands).toEqual([{ kind: 'timer', name: 'session', delayMs: left }])
})

test('knows that its session is over before the broker does', () => {
  const member = new Member().stable()
  member.nowMs += 4_000
  const sentAt = member.nowMs
  member.nowMs += 1_000
  member.beaten(0, sentAt)
  member.nowMs = sentAt + 9_999
  member.on({ kind: 'timer', name: 'session' })
  expect(member.commands).toEqual([{ kind: 'timer', name: 'session', delayMs: 1 }])
  member.nowMs += 1
  member.on({ kind: 'timer', name: 'session' })
  expect([member.state.phase, member.error()]).toEqual(['losing', 'SESSION_EXPIRED'])
})

test('asks for the alarm of its session in whole milliseconds', () => {
  const member = new Member().stable()
  member.nowMs += 4_000
  const sentAt = member.nowMs
  member.beaten(0, sentAt)
  member.nowMs = sentAt + 9_999.999_999
  member.on({ kind: 'timer', name: 'session' })
  expect(member.commands).toEqual([{ kind: 'timer', name: 'session', delayMs: 1 }])
})

test('a fenced instance loses all, stops, and does not take the other out of the group', () => {
  const member = new Member({ instanceId: 'worker-1' }).stable().beaten(82)
  expect([member.kinds(), member.error()]).toEqual([['call lost'], 'INSTANCE_FENCED'])
  expect(member.hookDone().kinds()).toEqual(['fatal', 'ended'])
  expect(member.state.phase).toBe('ended')
})

test('a fenced instance whose id no SyncGroup has confirmed begins again without it', () => {
  const member = new Member({ instanceId: 'worker-1' }).on({ kind: 'start' }).joined()
  // The coordinator that gave the id died, and the next one knows the id of the process before.
  member.undelivered().on({ kind: 'timer', name: 'retry' }).joined(82)
  expect(member.kinds()).toEqual(['forget-coordinator', 'timer retry'])
  member.on({ kind: 'timer', name: 'retry' })
  expect(member.commands.at(-1)).toMatchObject({ kind: 'join', memberId: '' })
  expect(member.joined(0, 2, 'm2').synced().kinds()).toContain('call assigned')
  // From here on it is this instance, and who takes its place is another process.
  expect(member.hookDone().beaten(82).error()).toBe('INSTANCE_FENCED')
})

test('a join of its own that comes late does not make an instance stop', () => {
  const member = new Member({ instanceId: 'worker-1' }).on({ kind: 'start' })
  // The coordinator is stuck; when it goes on it carries both joins out, the first one last.
  member.undelivered().on({ kind: 'timer', name: 'retry' }).joined().synced().hookDone()
  expect(member.beaten(82).kinds()).toEqual(['call lost'])
  expect(member.hookDone().commands.at(-1)).toMatchObject({ kind: 'join', memberId: '' })
  // There was one: the next time it is another process.
  member.joined(0, 2, 'm2').synced().hookDone()
  expect(member.beaten(82).error()).toBe('INSTANCE_FENCED')
})

test('a join of the process before that comes late does not make its successor stop', () => {
  const member = new Member({ instanceId: 'worker-1' }).on({ kind: 'start' }).joined(82)
  expect(member.kinds()).toEqual(['forget-coordinator', 'timer retry'])
  expect(member.on({ kind: 'timer', name: 'retry' }).joined(82).kinds()).toContain('timer retry')
  // Two processes that start side by side: one of them is told.
  expect(member.on({ kind: 'timer', name: 'retry' }).joined(82).error()).toBe('INSTANCE_FENCED')
})

for (const code of [23, 26, 30, 81, 9999]) {
  test(`error ${code} to a JoinGroup is fatal, and no other attempt is made`, () => {
    const member = new Member().on({ kind: 'start' }).joined(code)
    expect(member.kinds()).toEqual(['fatal', 'ended'])
  })
}

test('finds the coordinator again when it moved, and goes on beating or joining there', () => {
  const member = new Member().stable().beaten(16)
  expect(member.kinds()).toEqual(['forget-coordinator', 'timer heartbeat'])
  expect(member.state.phase).toBe('stable')
  member.beaten(27).hookDone().joined(16)
  expect(member.kinds()).toEqual(['forget-coordinator', 'timer retry'])
  member.on({ kind: 'timer', name: 'retry' })
  expect(member.commands.at(-1)).toMatchObject({ kind: 'join', memberId: 'm1', fresh: false })
  // A coordinator that moves between join and sync knows the earlier generation only.
  expect(member.joined(0, 2).synced(16).kinds()).toEqual(['forget-coordinator', 'timer retry'])
})

test('waits longer from attempt to attempt, a second at most', () => {
  const member = new Member().on({ kind: 'start' })
  const delays = Array.from({ length: 7 }, () => {
    member.undelivered()
    const timer = member.commands.find((command) => command.kind === 'timer')
    member.on({ kind: 'timer', name: 'retry' })
    return timer?.kind === 'timer' ? timer.delayMs : undefined
  })
  expect(delays).toEqual([50, 100, 200, 400, 800, 1_000, 1_000])
})

test('without an answer to the JoinGroup the session counts: what was owned is lost', () => {
  const member = new Member().stable().beaten(27).hookDone()
  expect(member.undelivered().state.phase).toBe('waiting')
  member.on({ kind: 'timer', name: 'retry' }).nowMs += 10_000
  expect(member.undelivered().state.phase).toBe('losing')
})

test('beats while it waits for the round, so a long one costs nothing', () => {
  const member = new Member().stable().beaten(27).hookDone()
  expect(member.state.phase).toBe('joining')
  expect(member.commands.map(({ kind }) => kind)).toEqual(['cancel', 'join'])
  for (let round = 0; round < 5; round++) {
    member.nowMs += 5_000
    expect(member.on({ kind: 'timer', name: 'heartbeat' }).kinds()).toEqual(['heartbeat'])
    expect(member.beaten(27).kinds()).toEqual(['timer heartbeat'])
    expect(member.undelivered().state.phase).toBe('waiting')
    expect(member.on({ kind: 'timer', name: 'session' }).kinds()).toEqual(['timer session'])
    member.on({ kind: 'timer', name: 'retry' })
  }
  expect(member.joined(0, 2).kinds()).toEqual(['sync', 'timer heartbeat'])
  expect(member.synced().hookDone().state.phase).toBe('stable')
})

test('what a heart-beat says of a round under way is left to the answer of the JoinGroup', () => {
  for (const code of [22, 25, 82]) {
    const member = new Member().stable().beaten(27).hookDone().beaten(code)
    expect([member.state.phase, member.commands]).toEqual(['joining', []])
  }
})

test('loses its tasks when nothing answers any more while it waits for a round', () => {
  const member = new Member().stable().beaten(27).hookDone()
  member.nowMs += 10_000
  member.on({ kind: 'timer', name: 'session' })
  expect([member.state.phase, member.error()]).toEqual(['losing', 'SESSION_EXPIRED'])
})

test('a heart-beat without an answer goes out again soon', () => {
  const member = new Member().stable()
  member.on({ kind: 'unbeaten', generation: 1, error: broken })
  expect(member.commands).toEqual([
    { kind: 'forget-coordinator' },
    { kind: 'timer', name: 'heartbeat', delayMs: 100 },
  ])
})

test('answers that nobody waits for any more change nothing', () => {
  const member = new Member().stable()
  const { state } = member
  const answer = { errorCode: 25, memberId: 'm0', generation: 0 }
  member.on({ kind: 'joined', turn: state.turn - 1, answer })
  member.on({ kind: 'beaten', generation: 0, errorCode: 25, sentAt: 0 })
  member.on({ kind: 'hook-done', turn: state.turn })
  expect(member.state).toEqual(state)
})

test('joins again when it is asked to, once, and after what is being done now', () => {
  const asked = { kind: 'rejoin-asked', reason: 'tasks were handed over' } as const
  const member = new Member().on({ kind: 'start' }).joined().synced().on(asked).on(asked)
  expect(member.commands).toEqual([])
  expect(member.hookDone().kinds()).toEqual(['call rejoin'])
  member.hookDone()
  expect(member.commands.at(-1)).toMatchObject({ kind: 'join', reason: asked.reason })
  expect(member.joined(0, 2).synced().hookDone().state.phase).toBe('stable')
  expect(member.on(asked).state.phase).toBe('preparing')
})

test('beats often while a round is expected, until it begins or ten seconds have passed', () => {
  const member = new Member().stable().on({ kind: 'round-expected' })
  expect(member.commands).toEqual([{ kind: 'timer', name: 'heartbeat', delayMs: 50 }])
  expect(member.beaten(0).commands).toEqual([{ kind: 'timer', name: 'heartbeat', delayMs: 50 }])
  member.nowMs += 10_000
  expect(member.beaten(0).commands).toEqual([{ kind: 'timer', name: 'heartbeat', delayMs: 3_000 }])
  member.on({ kind: 'round-expected' }).beaten(27).hookDone().joined(0, 2).synced().hookDone()
  expect(member.beaten(0).commands).toEqual([{ kind: 'timer', name: 'heartbeat', delayMs: 3_000 }])
})

test('leaves from any phase in which the group knows it, and only then', () => {
  const asked = { kind: 'leave-asked', reason: 'the worker stops' } as const
  expect(new Member().on(asked).kinds()).toEqual(['ended'])
  expect(new Member().on({ kind: 'start' }).on(asked).kinds()).toEqual(['ended'])
  const member = new Member().on({ kind: 'start' }).joined(79).on(asked)
  expect(member.commands.at(-1)).toMatchObject({ kind: 'leave', memberId: 'm1' })
  expect(member.on(asked).commands).toEqual([])
  expect(member.on({ kind: 'left', turn: member.state.turn }).kinds()).toEqual(['ended'])
})

test('a static member that has no id yet leaves by its instance id', () => {
  const member = new Member({ instanceId: 'worker-1' }).on({ kind: 'start' })
  member.on({ kind: 'leave-asked', reason: 'the worker stops' })
  expect(member.commands.at(-1)).toMatchObject({ kind: 'leave', memberId: '' })
})

test('closes without leaving, and nothing that comes later changes that', () => {
  const member = new Member().stable().on({ kind: 'close-asked' })
  expect(member.kinds()).toEqual(['ended'])
  expect(member.on({ kind: 'start' }).commands).toEqual([])
})

test('a hook that rejects ends the membership: the group gets the tasks', () => {
  const error = new StreamError('TOPOLOGY_MISMATCH', 'other', { domain: 'user', recovery: 'fatal' })
  const member = new Member().on({ kind: 'start' }).joined().synced()
  member.on({ kind: 'hook-failed', turn: member.state.turn, error })
  expect(member.kinds()).toEqual(['fatal', 'leave'])
})
