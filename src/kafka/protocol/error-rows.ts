/** The rows of Kafka's error codes, in groups that ask for the same. */
import type { ErrorDomain, Recovery } from '../../model/errors.ts'

/** Code, Kafka's name, advice. */
type Row = readonly [code: number, name: string, advice: string]

interface Group {
  readonly recovery: Recovery
  readonly domain: ErrorDomain
  readonly codes: readonly Row[]
}

export const errorRows = [
  {
    recovery: 'retry',
    domain: 'external',
    codes: [
      [
        2,
        'CORRUPT_MESSAGE',
        "a batch was damaged on its way or on the broker's disk; it is sent or read again",
      ],
      [
        7,
        'REQUEST_TIMED_OUT',
        'the broker was too slow; look at its load and at the replicas that lag',
      ],
      [
        14,
        'COORDINATOR_LOAD_IN_PROGRESS',
        'the coordinator is reading its log and will answer soon',
      ],
      [
        19,
        'NOT_ENOUGH_REPLICAS',
        'fewer replicas are in sync than min.insync.replicas asks; bring brokers back',
      ],
      [
        20,
        'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
        'replicas fell behind while writing; bring brokers back',
      ],
      [51, 'CONCURRENT_TRANSACTIONS', 'the transaction before is still being completed'],
      [60, 'REASSIGNMENT_IN_PROGRESS', 'partitions are being moved; it is tried again'],
      [75, 'UNKNOWN_LEADER_EPOCH', 'the broker has not heard of the newest leader yet'],
      [77, 'STALE_BROKER_EPOCH', 'the broker is registering again'],
      [78, 'OFFSET_NOT_AVAILABLE', 'the new leader is catching up with its high watermark'],
      [
        88,
        'UNSTABLE_OFFSET_COMMIT',
        'a transaction on these offsets is pending; it is asked again',
      ],
      [89, 'THROTTLING_QUOTA_EXCEEDED', 'the quota for administration is used up for now'],
      [95, 'INVALID_UPDATE_VERSION', "the controller's update was overtaken by another"],
      [102, 'BROKER_ID_NOT_REGISTERED', 'the broker has not registered yet'],
      [107, 'INELIGIBLE_REPLICA', 'the replica may not be in sync yet'],
      [111, 'UNRELEASED_INSTANCE_ID', 'the process before has not left the group yet'],
    ],
  },
  {
    recovery: 'retry',
    domain: 'internal',
    codes: [
      [70, 'FETCH_SESSION_ID_NOT_FOUND', 'fetches here have no session; report it'],
      [71, 'INVALID_FETCH_SESSION_EPOCH', 'fetches here have no session; report it'],
      [106, 'FETCH_SESSION_TOPIC_ID_ERROR', 'fetches here have no session; report it'],
    ],
  },
  {
    recovery: 'refresh',
    domain: 'external',
    codes: [
      [
        3,
        'UNKNOWN_TOPIC_OR_PARTITION',
        'create the topic, or wait until its creation has reached the broker',
      ],
      [5, 'LEADER_NOT_AVAILABLE', 'a leader is being elected; look at the brokers if it lasts'],
      [6, 'NOT_LEADER_OR_FOLLOWER', 'the partition moved; the new leader is looked up'],
      [8, 'BROKER_NOT_AVAILABLE', 'look at the brokers: one is missing'],
      [9, 'REPLICA_NOT_AVAILABLE', 'the replica is not there yet; another is asked'],
      [11, 'STALE_CONTROLLER_EPOCH', 'the controller moved; the new one is looked up'],
      [13, 'NETWORK_EXCEPTION', 'the broker lost a connection of its own; it is asked again'],
      [
        15,
        'COORDINATOR_NOT_AVAILABLE',
        'the coordinator is being elected; a fresh cluster needs a moment',
      ],
      [16, 'NOT_COORDINATOR', 'the coordinator moved; the new one is looked up'],
      [41, 'NOT_CONTROLLER', 'the controller moved; the new one is looked up'],
      [
        52,
        'TRANSACTION_COORDINATOR_FENCED',
        'the transaction coordinator moved; the new one is looked up',
      ],
      [56, 'KAFKA_STORAGE_ERROR', 'a disk of the broker failed; another replica takes over'],
      [
        72,
        'LISTENER_NOT_FOUND',
        'the leader has no listener of this name; look at its advertised.listeners',
      ],
      [74, 'FENCED_LEADER_EPOCH', 'the partition has a newer leader, which is looked up'],
      [80, 'PREFERRED_LEADER_NOT_AVAILABLE', 'the preferred leader is down'],
      [83, 'ELIGIBLE_LEADERS_NOT_AVAILABLE', 'no replica in sync can lead; bring brokers back'],
      [84, 'ELECTION_NOT_NEEDED', 'the partition has the leader that was asked for'],
      [100, 'UNKNOWN_TOPIC_ID', 'the topic was deleted or made again; its id is looked up'],
      [
        103,
        'INCONSISTENT_TOPIC_ID',
        'the topic was made again under the same name; its id is looked up',
      ],
      [108, 'NEW_LEADER_ELECTED', 'the partition has a new leader, which is looked up'],
      [
        109,
        'OFFSET_MOVED_TO_TIERED_STORAGE',
        'the offset is in tiered storage; the leader is asked',
      ],
      [116, 'UNKNOWN_CONTROLLER_ID', 'the controller is not known here; it is looked up'],
      [
        129,
        'REBOOTSTRAP_REQUIRED',
        "the brokers' addresses have changed; the first ones are asked again",
      ],
    ],
  },
  {
    recovery: 'rejoin',
    domain: 'external',
    codes: [
      [22, 'ILLEGAL_GENERATION', 'the group went on without this member, which joins again'],
      [25, 'UNKNOWN_MEMBER_ID', 'the group has expelled this member, which joins again'],
      [27, 'REBALANCE_IN_PROGRESS', 'the group assigns anew; this member takes part'],
      [79, 'MEMBER_ID_REQUIRED', 'the group joins again with the id that it was given'],
      [110, 'FENCED_MEMBER_EPOCH', 'the group went on without this member, which joins again'],
      [113, 'STALE_MEMBER_EPOCH', "the member's epoch is behind the group's; it joins again"],
    ],
  },
  {
    recovery: 'fenced',
    domain: 'external',
    codes: [
      [47, 'INVALID_PRODUCER_EPOCH', 'another producer with this transactional id has started'],
      [
        82,
        'FENCED_INSTANCE_ID',
        'another process has this instance id: two workers share a state directory or name',
      ],
      [90, 'PRODUCER_FENCED', 'another producer with this transactional id has started'],
    ],
  },
  {
    recovery: 'abort',
    domain: 'external',
    codes: [
      [
        45,
        'OUT_OF_ORDER_SEQUENCE_NUMBER',
        'a batch before this one is missing; the epoch is done again',
      ],
      [
        46,
        'DUPLICATE_SEQUENCE_NUMBER',
        "the broker has passed this batch's sequence; the epoch is done again",
      ],
      [
        48,
        'INVALID_TXN_STATE',
        'the transaction is not in a state for this request; the epoch is done again',
      ],
      [
        49,
        'INVALID_PRODUCER_ID_MAPPING',
        'the transactional id has expired or moved; the producer is initialised again',
      ],
      [
        55,
        'OPERATION_NOT_ATTEMPTED',
        'another partition of the same request failed; that error tells why',
      ],
      [
        59,
        'UNKNOWN_PRODUCER_ID',
        "the broker has forgotten the producer's state; it is initialised again",
      ],
      [
        120,
        'TRANSACTION_ABORTABLE',
        'the transaction cannot be completed; the epoch is done again',
      ],
    ],
  },
  {
    recovery: 'unknown-outcome',
    domain: 'external',
    codes: [
      [-1, 'UNKNOWN_SERVER_ERROR', "read the broker's log; what the request did is not known"],
    ],
  },
  {
    recovery: 'fatal',
    domain: 'external',
    codes: [
      [
        1,
        'OFFSET_OUT_OF_RANGE',
        'the wanted offset is not in the log: retention removed it, or the log was truncated',
      ],
      [12, 'OFFSET_METADATA_TOO_LARGE', "raise the broker's offset.metadata.max.bytes"],
      [
        28,
        'INVALID_COMMIT_OFFSET_SIZE',
        "raise the broker's limit for the size of committed offsets",
      ],
      [
        29,
        'TOPIC_AUTHORIZATION_FAILED',
        'allow this principal READ, WRITE, DESCRIBE (CREATE for internal ones) on the topic',
      ],
      [30, 'GROUP_AUTHORIZATION_FAILED', 'allow this principal READ on the group'],
      [
        31,
        'CLUSTER_AUTHORIZATION_FAILED',
        'allow this principal IDEMPOTENT_WRITE or what the request needs on the cluster',
      ],
      [35, 'UNSUPPORTED_VERSION', 'the broker is too old or too new for this request'],
      [36, 'TOPIC_ALREADY_EXISTS', 'the topic is there already; delete it or use it as it is'],
      [43, 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 'convert the topic to message format version 2'],
      [44, 'POLICY_VIOLATION', "the cluster's policy forbids it; ask whoever runs it"],
      [
        53,
        'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
        'allow this principal WRITE and DESCRIBE on the transactional id',
      ],
      [54, 'SECURITY_DISABLED', 'the broker has no authorizer'],
      [57, 'LOG_DIR_NOT_FOUND', "correct the broker's log directory"],
      [61, 'DELEGATION_TOKEN_AUTH_DISABLED', 'enable delegation tokens on the broker'],
      [65, 'DELEGATION_TOKEN_AUTHORIZATION_FAILED', 'allow this principal the delegation token'],
      [69, 'GROUP_ID_NOT_FOUND', 'the group does not exist (any more)'],
      [73, 'TOPIC_DELETION_DISABLED', 'set delete.topic.enable on the brokers'],
      [81, 'GROUP_MAX_SIZE_REACHED', "raise the broker's group.max.size or run fewer threads"],
      [85, 'NO_REASSIGNMENT_IN_PROGRESS', 'nothing is being moved'],
      [91, 'RESOURCE_NOT_FOUND', 'what was asked for does not exist'],
      [94, 'INCONSISTENT_VOTER_SET', "correct the controllers' quorum"],
      [96, 'FEATURE_UPDATE_FAILED', "the feature cannot be changed; read the controller's log"],
      [97, 'PRINCIPAL_DESERIALIZATION_FAILURE', 'the broker cannot read the forwarded principal'],
      [98, 'SNAPSHOT_NOT_FOUND', "read the controller's log"],
      [99, 'POSITION_OUT_OF_RANGE', "read the controller's log"],
      [101, 'DUPLICATE_BROKER_REGISTRATION', 'two brokers have the same id'],
      [
        104,
        'INCONSISTENT_CLUSTER_ID',
        'brokers of different clusters answer under these addresses',
      ],
      [105, 'TRANSACTIONAL_ID_NOT_FOUND', 'no producer with this transactional id is known'],
      [115, 'UNSUPPORTED_ENDPOINT_TYPE', 'the broker does not know this kind of endpoint'],
      [119, 'INVALID_REGISTRATION', 'the controller refused a broker; read its log'],
      [125, 'INVALID_VOTER_KEY', "correct the controllers' quorum"],
      [126, 'DUPLICATE_VOTER', "correct the controllers' quorum"],
      [127, 'VOTER_NOT_FOUND', "correct the controllers' quorum"],
    ],
  },
  {
    recovery: 'fatal',
    domain: 'user',
    codes: [
      [10, 'MESSAGE_TOO_LARGE', "raise the topic's max.message.bytes or write smaller records"],
      [
        17,
        'INVALID_TOPIC_EXCEPTION',
        'topic names have up to 249 letters, digits, dots, hyphens and underscores',
      ],
      [18, 'RECORD_LIST_TOO_LARGE', "raise the topic's segment.bytes or make batches smaller"],
      [
        23,
        'INCONSISTENT_GROUP_PROTOCOL',
        'other members of this group id speak another protocol; use a group id of its own',
      ],
      [24, 'INVALID_GROUP_ID', 'choose an application id that is not empty'],
      [
        26,
        'INVALID_SESSION_TIMEOUT',
        "keep sessionTimeout within the broker's group.min and group.max.session.timeout.ms",
      ],
      [
        32,
        'INVALID_TIMESTAMP',
        "the record's timestamp is outside the topic's message.timestamp.before and after.max.ms",
      ],
      [33, 'UNSUPPORTED_SASL_MECHANISM', 'choose a mechanism that the broker has enabled'],
      [
        37,
        'INVALID_PARTITIONS',
        'ask for at least one partition, and never for fewer than there are',
      ],
      [
        38,
        'INVALID_REPLICATION_FACTOR',
        'the replication factor is larger than the number of brokers',
      ],
      [39, 'INVALID_REPLICA_ASSIGNMENT', 'correct the replica assignment'],
      [40, 'INVALID_CONFIG', 'correct the topic configuration named in the message'],
      [
        50,
        'INVALID_TRANSACTION_TIMEOUT',
        "keep transactionTimeout below the broker's transaction.max.timeout.ms",
      ],
      [58, 'SASL_AUTHENTICATION_FAILED', 'correct user name, password or mechanism'],
      [62, 'DELEGATION_TOKEN_NOT_FOUND', 'get a new delegation token'],
      [63, 'DELEGATION_TOKEN_OWNER_MISMATCH', 'use a delegation token of this principal'],
      [
        64,
        'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED',
        'authenticate by other means than a delegation token',
      ],
      [66, 'DELEGATION_TOKEN_EXPIRED', 'get a new delegation token'],
      [67, 'INVALID_PRINCIPAL_TYPE', 'use a principal type that the broker knows'],
      [68, 'NON_EMPTY_GROUP', "stop the group's members first"],
      [
        76,
        'UNSUPPORTED_COMPRESSION_TYPE',
        'choose a compression that the topic and the request version allow',
      ],
      [86, 'GROUP_SUBSCRIBED_TO_TOPIC', "stop the group's members before its offsets are deleted"],
      [
        87,
        'INVALID_RECORD',
        'the topic refuses the record: a compacted topic needs keys, or a validator is set',
      ],
      [92, 'DUPLICATE_RESOURCE', 'it exists already'],
      [93, 'UNACCEPTABLE_CREDENTIAL', "the credential does not meet the broker's rules"],
      [112, 'UNSUPPORTED_ASSIGNOR', 'choose an assignor that the broker knows'],
      [114, 'MISMATCHED_ENDPOINT_TYPE', 'give addresses of brokers, not of controllers'],
      [128, 'INVALID_REGULAR_EXPRESSION', "the broker cannot read the subscription's pattern"],
    ],
  },
  {
    recovery: 'fatal',
    domain: 'internal',
    codes: [
      [4, 'INVALID_FETCH_SIZE', 'report it: the fetch asked for a negative size'],
      [21, 'INVALID_REQUIRED_ACKS', 'report it: acks was neither all, 1 nor 0'],
      [34, 'ILLEGAL_SASL_STATE', 'report it: a request was sent before authentication had ended'],
      [
        42,
        'INVALID_REQUEST',
        "report it with the broker's log, which says what is wrong with the request",
      ],
      [117, 'UNKNOWN_SUBSCRIPTION_ID', 'no telemetry is sent; report it'],
      [118, 'TELEMETRY_TOO_LARGE', 'no telemetry is sent; report it'],
      [121, 'INVALID_RECORD_STATE', 'no share groups are used; report it'],
      [122, 'SHARE_SESSION_NOT_FOUND', 'no share groups are used; report it'],
      [123, 'INVALID_SHARE_SESSION_EPOCH', 'no share groups are used; report it'],
      [124, 'FENCED_STATE_EPOCH', 'no share groups are used; report it'],
      [130, 'STREAMS_INVALID_TOPOLOGY', 'no streams groups are used; report it'],
      [131, 'STREAMS_INVALID_TOPOLOGY_EPOCH', 'no streams groups are used; report it'],
      [132, 'STREAMS_TOPOLOGY_FENCED', 'no streams groups are used; report it'],
      [133, 'SHARE_SESSION_LIMIT_REACHED', 'no share groups are used; report it'],
    ],
  },
] as const satisfies readonly Group[]
