/** How far a kept global table has been read: `<mark of the topic>:<position>,<position>…`. */

export function positionsNote(mark: string, positions: readonly number[]): string {
  return `${mark}:${positions.join(',')}`
}

/** Undefined for a note of another topic or number of partitions, and for none. */
export function positionsIn(
  note: string | undefined,
  mark: string | null,
  partitions: number,
): readonly number[] | undefined {
  if (note === undefined || mark === null || !note.startsWith(`${mark}:`)) return undefined
  const positions = note
    .slice(mark.length + 1)
    .split(',')
    .map(Number)
  const fits = positions.length === partitions && positions.every(Number.isSafeInteger)
  return fits ? positions : undefined
}
