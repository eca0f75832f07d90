/**
 * Names that Kafka draws at random; here they follow from a seed and a number, so that a run can be
 * repeated.
 */

/** 128 bits as 32 hexadecimal digits. Not for secrets. */
export function mixedId(seed: string, number: number): string {
  const text = `${seed}/${number}`
  let digits = ''
  for (let word = 0; word < 4; word++) {
    digits += hash(text, 0x9e37_79b9 * (word + 1))
      .toString(16)
      .padStart(8, '0')
  }
  return digits
}

/** FNV-1a with a start value and a final mix. */
export function hash(text: string, start = 0): number {
  let value = (0x811c_9dc5 ^ start) >>> 0
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x0100_0193)
  }
  value = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2_ae35)
  return (value ^ (value >>> 16)) >>> 0
}

/** The id as 8-4-4-4-12 digits, as member ids carry it. */
export function dashed(id: string): string {
  return [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join(
    '-',
  )
}
