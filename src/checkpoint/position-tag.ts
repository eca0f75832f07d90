/**
 * Which epoch wrote a committed position: the position's metadata is `<run>.<epoch>|<the task's own
 * words>`. It settles a commit whose reply was lost even where no offset moved.
 */
import type { Epoch } from '../model/ids.ts'
import type { Verdict } from './protocol.ts'

/** A start of a worker, drawn at random, and an epoch of it. */
export interface PositionTag {
  readonly run: string
  readonly epoch: Epoch
}

export function withTag(tag: PositionTag, metadata: string): string {
  return `${tag.run}.${tag.epoch}|${metadata}`
}

/** The task's own words; metadata without a tag is taken as it is. */
export function withoutTag(metadata: string): string {
  return /^[\w-]+\.\d+\|/.test(metadata) ? metadata.slice(metadata.indexOf('|') + 1) : metadata
}

export function tagOf(metadata: string): string | undefined {
  return /^([\w-]+\.\d+)\|/.exec(metadata)?.[1]
}

/**
 * Did the epoch commit? Its positions became visible together or not at all, so one with its tag
 * says yes. Without one, all of them must carry earlier tags of the same run, or what was there
 * when the run began: else somebody else has written them since.
 *
 * @param before Tags that this worker knows to have been there before the epoch, by partition.
 */
export function verdictOf(
  tag: PositionTag,
  committed: ReadonlyMap<string, { readonly metadata: string }>,
  before: ReadonlyMap<string, string | undefined>,
): Exclude<Verdict, 'unreadable'> {
  const own = `${tag.run}.${tag.epoch}`
  const names = Array.from(before.keys())
  if (names.some((name) => tagOf(committed.get(name)?.metadata ?? '') === own)) return 'kept'
  const unchanged = names.every(
    (name) => tagOf(committed.get(name)?.metadata ?? '') === before.get(name),
  )
  return unchanged ? 'dropped' : 'foreign'
}
