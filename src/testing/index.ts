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
export { type DriverMatchers, matchers } from './matchers.ts'
export {
  type FailedRun,
  type Fault,
  type FaultKind,
  faultKinds,
  type InputGenerator,
  simulate,
  type SimulatedInput,
  type SimulatedRecord,
  type SimulateOptions,
  type SimulationResult,
} from './simulation/index.ts'
