/** What users test their topologies with. */
export {
  EmbeddedKafka,
  type EmbeddedKafkaOptions,
  type EmbeddedTopic,
} from './embedded-kafka.ts'
export {
  type InputRecord,
  type OutputRecord,
  type TestInput,
  type TestOutput,
  type TestStore,
  type TopicSerdes,
  TopologyTestDriver,
  type TopologyTestDriverOptions,
} from './driver/index.ts'
