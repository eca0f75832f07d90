/** What DescribeConfigs and IncrementalAlterConfigs share. */
export const resourceType = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 }

export const configSource = { dynamicTopic: 1, staticBroker: 4, default: 5 }
