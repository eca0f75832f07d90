/** The fetcher of the Kafka client. */
export { createFetcher } from './fetcher.ts'
