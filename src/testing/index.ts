/** What users test their topologies with. */
export {
  EmbeddedKafka,
  type EmbeddedKafkaOptions,
  type EmbeddedTopic,
} from './embedded-kafka.ts'
