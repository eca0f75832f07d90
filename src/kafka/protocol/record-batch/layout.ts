/** Where things are in a record batch of format version 2 ("magic" 2, Kafka 0.11 and later). */
export const magicVersion = 2

/** Byte positions, relative to the batch's first byte. */
export const position = {
  baseOffset: 0,
  /** Bytes that follow this field. */
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const

/** Bytes before those that the length field counts. */
export const frameBytes = 12

/**
 * The checksum covers what comes after it, so base offset and leader epoch can be set by a broker
 * for free.
 */
export const checkedFrom = position.attributes

export const attribute = {
  compressionMask: 0b111,
  logAppendTime: 1 << 3,
  transactional: 1 << 4,
  control: 1 << 5,
} as const

/**
 * A record with null key, null value and no headers: a bound on the count that some bytes can
 * hold.
 */
export const recordBytesMin = 7

export const noProducerId = -1
export const noProducerEpoch = -1
export const noSequence = -1
/** Timestamp of a record or an empty batch that has none. */
export const noTimestamp = -1
