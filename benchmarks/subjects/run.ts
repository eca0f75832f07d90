/** Each run has topics and a group of its own: they come from the environment. */
const named = (variable: string) =>
  process.env[variable] ?? variable.toLowerCase().replaceAll('_', '-')

export const run = {
  application: named('BENCH_APPLICATION'),
  input: named('BENCH_INPUT'),
  output: named('BENCH_OUTPUT'),
}
