export {
  TopologyTestDriver,
  type TestStore,
  type TopologyTestDriverOptions,
} from './topology-test-driver.ts'
export type {
  InputRecord,
  OutputRecord,
  TestInput,
  TestOutput,
  TopicSerdes,
} from './test-topics.ts'
