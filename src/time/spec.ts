/** How a source partition's watermark follows its records. */
export type WatermarkSpec =
  | { readonly kind: 'none' }
  /** Timestamps only rise: bounded with 0. */
  | { readonly kind: 'monotonous' }
  /** Watermark = highest timestamp − bound − 1 (Flink's BoundedOutOfOrdernessWatermarks). */
  | { readonly kind: 'bounded'; readonly outOfOrdernessMs: number }
  | {
      readonly kind: 'punctuated'
      /** A watermark in milliseconds after this record, or undefined for none. */
      readonly fn: { erased(value: unknown, timestamp: number): number | undefined }['erased']
    }
