/** Every API that this broker carries out. */
import type { Handler } from '../handler.ts'
import { apiVersionsApi } from './api-versions.ts'
import { createPartitionsApi } from './create-partitions.ts'
import { createTopicsApi } from './create-topics.ts'
import { deleteRecordsApi } from './delete-records.ts'
import { deleteTopicsApi } from './delete-topics.ts'
import { describeClusterApi } from './describe-cluster.ts'
import { describeConfigsApi } from './describe-configs.ts'
import { fetchApi } from './fetch.ts'
import { findCoordinatorApi } from './find-coordinator.ts'
import { incrementalAlterConfigsApi } from './incremental-alter-configs.ts'
import { listOffsetsApi } from './list-offsets.ts'
import { metadataApi } from './metadata.ts'
import { offsetForLeaderEpochApi } from './offset-for-leader-epoch.ts'
import { produceApi } from './produce.ts'

const others: readonly Handler[] = [
  createPartitionsApi,
  createTopicsApi,
  deleteRecordsApi,
  deleteTopicsApi,
  describeClusterApi,
  describeConfigsApi,
  fetchApi,
  findCoordinatorApi,
  incrementalAlterConfigsApi,
  listOffsetsApi,
  metadataApi,
  offsetForLeaderEpochApi,
  produceApi,
]

export const handlers: readonly Handler[] = [...others, apiVersionsApi(others)]
