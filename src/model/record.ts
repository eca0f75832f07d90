/** A header as Kafka has it: any bytes under a name that may occur more than once. */
export interface Header {
  readonly key: string
  readonly value: Uint8Array | null
}

/**
 * A decoded record batch: positions into the received bytes, nothing allocated per record. Arrays
 * have `count` valid elements. A start of −1 stands for a null key or value.
 */
export interface RecordBatch {
  /**
   * The (decompressed) bytes that the positions point into. They are not changed while the batch is
   * alive.
   */
  readonly bytes: Uint8Array
  readonly count: number
  /** Offset of the first record that the batch was written with; compaction may have removed it. */
  readonly baseOffset: number
  /**
   * Last offset that the batch covers, whether or not a record is left there: reading goes on one
   * after it.
   */
  readonly lastOffset: number
  readonly leaderEpoch: number
  readonly offsets: Float64Array
  readonly timestamps: Float64Array
  readonly keyStarts: Int32Array
  readonly keyEnds: Int32Array
  readonly valueStarts: Int32Array
  readonly valueEnds: Int32Array
  /** Where the record's headers begin (their varint count), −1 where it has none. */
  readonly headerStarts: Int32Array
  /** Decodes the headers of one record. */
  headers(index: number): readonly Header[]
}
