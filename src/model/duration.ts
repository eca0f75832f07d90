/** Milliseconds, or a number with a unit: `'500ms' | '15s' | '5m' | '1h' | '7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`
