/** Every API that this broker carries out. */
import type { Handler } from '../handler.ts'
import { addOffsetsToTxnApi } from './add-offsets-to-txn.ts'
import { addPartitionsToTxnApi } from './add-partitions-to-txn.ts'
import { apiVersionsApi } from './api-versions.ts'
import { createPartitionsApi } from './create-partitions.ts'
import { createTopicsApi } from './create-topics.ts'
import { deleteRecordsApi } from './delete-records.ts'
import { deleteTopicsApi } from './delete-topics.ts'
import { describeClusterApi } from './describe-cluster.ts'
import { describeConfigsApi } from './describe-configs.ts'
import { describeProducersApi } from './describe-producers.ts'
import { describeTransactionsApi } from './describe-transactions.ts'
import { endTxnApi } from './end-txn.ts'
import { fetchApi } from './fetch.ts'
import { findCoordinatorApi } from './find-coordinator.ts'
import { incrementalAlterConfigsApi } from './incremental-alter-configs.ts'
import { initProducerIdApi } from './init-producer-id.ts'
import { listOffsetsApi } from './list-offsets.ts'
import { listTransactionsApi } from './list-transactions.ts'
import { metadataApi } from './metadata.ts'
import { offsetForLeaderEpochApi } from './offset-for-leader-epoch.ts'
import { produceApi } from './produce.ts'

const others: readonly Handler[] = [
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  createPartitionsApi,
  createTopicsApi,
  deleteRecordsApi,
  deleteTopicsApi,
  describeClusterApi,
  describeConfigsApi,
  describeProducersApi,
  describeTransactionsApi,
  endTxnApi,
  fetchApi,
  findCoordinatorApi,
  incrementalAlterConfigsApi,
  initProducerIdApi,
  listOffsetsApi,
  listTransactionsApi,
  metadataApi,
  offsetForLeaderEpochApi,
  produceApi,
]

export const handlers: readonly Handler[] = [...others, apiVersionsApi(others)]
