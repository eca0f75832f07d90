/** `millrace/query`: reading the stores of a running application from another process. */
export { QueryClient, type QueryClientOptions, type StoreSerdes } from './client.ts'
export type {
  Entry,
  QueryOptions,
  RangeOptions,
  StoreQuery,
  WindowBounds,
} from './typed-store.ts'
