import { api, field, list, structs } from '../schema.ts'

export const findCoordinator = api({
  key: 10,
  name: 'FindCoordinator',
  versions: '0-6',
  flexible: '3+',
  request: {
    key: field('string', '0-3'),
    keyType: field('int8', '1+', { default: 0 }),
    coordinatorKeys: list('string', '4+'),
  },
  response: {
    throttleTimeMs: field('int32', '1+'),
    errorCode: field('int16', '0-3'),
    errorMessage: field('string', '1-3', { nullable: '1-3' }),
    nodeId: field('int32', '0-3'),
    host: field('string', '0-3'),
    port: field('int32', '0-3'),
    coordinators: structs(
      {
        key: field('string', '4+'),
        nodeId: field('int32', '4+'),
        host: field('string', '4+'),
        port: field('int32', '4+'),
        errorCode: field('int16', '4+'),
        errorMessage: field('string', '4+', { nullable: '4+' }),
      },
      '4+',
    ),
  },
})
