import { StreamError } from '../../model/errors.ts'
import type { Codec } from '../../kafka/protocol/record-batch/compression.ts'

/** A batch that would take more memory than allowed once decompressed, be it huge or hostile. */
export function tooLarge(codec: Codec, bytesMax: number): StreamError {
  return new StreamError(
    'DECOMPRESSED_TOO_LARGE',
    `a ${codec} batch is larger than ${bytesMax} bytes when decompressed; raise the limit if ` +
      'such batches are meant to be there, or have their producer write smaller ones',
    { domain: 'external', recovery: 'fatal' },
  )
}
