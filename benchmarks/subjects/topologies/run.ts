/** Each run has topics and a group of its own: they come from the environment. */
const named = (variable: string) =>
  process.env[variable] ?? variable.toLowerCase().replaceAll('_', '-')

export const run = {
  application: named('BENCH_APPLICATION'),
  events: named('BENCH_EVENTS'),
  table: named('BENCH_TABLE'),
  left: named('BENCH_LEFT'),
  right: named('BENCH_RIGHT'),
  nexmark: named('BENCH_NEXMARK'),
  records: named('BENCH_RECORDS'),
  output: named('BENCH_OUTPUT'),
}

/** The value of most inputs. */
export interface Event {
  readonly id: number
  readonly user: string
  readonly amount: number
  readonly note: string
}
