/**
 * Which epoch wrote a committed position, and of which topic it is: the position's metadata is
 * `<run>.<epoch>|<the task's own words>`, or `<run>.<epoch>.<topic mark>|…` where the broker knows
 * topic ids. The epoch settles a commit whose reply was lost even where no offset moved; the mark
 * tells a topic from one that was made again under its name.
 */
import type { Epoch } from '../model/ids.ts'
import type { Verdict } from './protocol.ts'

/** A start of a worker, drawn at random, and an epoch of it. */
export interface PositionTag {
  readonly run: string
  readonly epoch: Epoch
}

const tagged = /^([\w-]+\.\d+)(?:\.([0-9a-f]{8}))?\|/

/** Enough of a topic's id to tell it from another topic of the same name. */
export function topicMark(topicId: string): string {
  return topicId.slice(0, 8)
}

/** @param mark Of the topic that the position is of; undefined where it has no id. */
export function withTag(tag: PositionTag, mark: string | undefined, metadata: string): string {
  const topic = mark === undefined ? '' : `.${mark}`
  return `${tag.run}.${tag.epoch}${topic}|${metadata}`
}

/** The task's own words; metadata without a tag is taken as it is. */
export function withoutTag(metadata: string): string {
  return tagged.test(metadata) ? metadata.slice(metadata.indexOf('|') + 1) : metadata
}

export function tagOf(metadata: string): string | undefined {
  return tagged.exec(metadata)?.[1]
}

/** The mark of the topic that a position is of; undefined where nothing is known of it. */
export function markOf(metadata: string): string | undefined {
  return tagged.exec(metadata)?.[2]
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
