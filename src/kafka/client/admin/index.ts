/** The port `Admin`, composed of one function per operation. */
import type { ClientContext } from '../context.ts'
import type { Admin } from '../port.ts'
import { Verdicts } from '../transactions/verdicts.ts'
import { commit, forget } from './groups.ts'
import { members } from './members.ts'
import { committed, offsetsOf, purge } from './positions.ts'
import { fence, openTransactions } from './producers.ts'
import { configs, create, describe, remove } from './topics.ts'

export function kafkaAdmin(context: ClientContext): Admin {
  const verdicts = new Verdicts(context.capabilities.transactionProtocol)
  return {
    describeTopics: (names) => describe(context, names),
    topicNames: () => context.metadata.names(),
    topicConfigs: (name) => configs(context, name),
    createTopics: (topics) => create(context, topics),
    deleteTopics: (names) => remove(context, names),
    deleteRecords: (upTo) => purge(context, upTo),
    listOffsets: (partitions, at, isolation) => offsetsOf(context, partitions, at, isolation),
    committedOffsets: (groupId, partitions) => committed(context, groupId, partitions),
    fenceProducers: (ids, groupId) => fence(context, ids, groupId, verdicts),
    groupMembers: (groupId) => members(context, groupId),
    deleteGroup: (groupId) => forget(context, groupId),
    commitPositions: (groupId, positions) => commit(context, groupId, positions),
    openTransactions: (prefix) => openTransactions(context, prefix),
  }
}
