/** Which of several topologies a group goes on with. */
import type { Subscription } from './subscription.ts'

/**
 * The running ones win: members that own tasks, else members that did in an earlier round, else
 * all. Among several fingerprints of these the most frequent counts, then the leader's, then the
 * smallest.
 */
export function groupFingerprint(members: readonly Subscription[], leaders: string): string {
  const running = members.filter(({ owned }) => owned.length > 0)
  const former = members.filter(({ roster }) => roster.length > 0)
  const electors = running.length > 0 ? running : former.length > 0 ? former : members
  const votes = new Map<string, number>()
  for (const { fingerprint } of electors) {
    votes.set(fingerprint, (votes.get(fingerprint) ?? 0) + 1)
  }
  let best = leaders
  let bestVotes = votes.get(leaders) ?? 0
  for (const fingerprint of Array.from(votes.keys()).sort()) {
    const count = votes.get(fingerprint) ?? 0
    if (count > bestVotes) [best, bestVotes] = [fingerprint, count]
  }
  return best
}
