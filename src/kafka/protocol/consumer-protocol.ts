/**
 * What members of a `consumer` group tell each other, inside JoinGroup and SyncGroup: an int16
 * version, then the structure. Read to list what other clients' groups hold, and written so that
 * tools that show a group's members understand it.
 */
import { decodeStruct, encodeStruct } from './codec.ts'
import { MalformedMessage, Reader } from './reader.ts'
import { type Decoded, type Encodable, type Fields, field, list, structs } from './schema.ts'
import { Writer } from './writer.ts'

const newestVersion = 3

export const consumerSubscription = {
  topics: list('string', '0+'),
  userData: field('bytes', '0+', { nullable: '0+', default: null }),
  ownedPartitions: structs({ topic: field('string', '1+'), partitions: list('int32', '1+') }, '1+'),
  generationId: field('int32', '2+', { default: -1 }),
  rackId: field('string', '3+', { nullable: '3+', default: null }),
}

export const consumerAssignment = {
  assignedPartitions: structs(
    { topic: field('string', '0+'), partitions: list('int32', '0+') },
    '0+',
  ),
  userData: field('bytes', '0+', { nullable: '0+', default: null }),
}

export function encodeSubscription(
  subscription: Encodable<typeof consumerSubscription>,
  version = newestVersion,
): Uint8Array {
  return versioned(version, encodeStruct(consumerSubscription, version, false, subscription))
}

export function encodeAssignment(
  assignment: Encodable<typeof consumerAssignment>,
  version = newestVersion,
): Uint8Array {
  return versioned(version, encodeStruct(consumerAssignment, version, false, assignment))
}

/** @throws MalformedMessage */
export function decodeSubscription(bytes: Uint8Array): Decoded<typeof consumerSubscription> {
  return decodeVersioned(consumerSubscription, bytes)
}

/** @throws MalformedMessage */
export function decodeAssignment(bytes: Uint8Array): Decoded<typeof consumerAssignment> {
  return decodeVersioned(consumerAssignment, bytes)
}

function versioned(version: number, content: Uint8Array): Uint8Array {
  const writer = new Writer()
  writer.int16(version)
  writer.raw(content)
  return writer.bytes()
}

/**
 * A newer version only adds fields at the end, so what is known of it is read and the rest left.
 */
function decodeVersioned<S extends Fields>(fields: S, bytes: Uint8Array): Decoded<S> {
  const reader = new Reader(bytes)
  const version = reader.int16()
  if (version < 0) throw new MalformedMessage(`consumer protocol version ${version}`)
  return decodeStruct(fields, Math.min(version, newestVersion), false, reader)
}
