import { expect, test } from '@jest/globals'
import { TopologyTestDriver } from 'millrace/testing'
import viewsByRegion from '../../../topologies/views-by-region.ts'

const minute = 60_000

test('counts the views of each region, page and minute, by the region that users have then', () => {
  const driver = new TopologyTestDriver(viewsByRegion)
  const profile = (user: string, region: string) =>
    driver.input('profiles').send({ key: user, value: { region } })
  const look = (user: string, page: string, timestamp: number) =>
    driver.input('page-views').send({ key: user, value: page, timestamp })

  profile('ann', 'north')
  look('ann', '/', 1_000)
  look('ann', '/', 2_000)
  profile('ann', 'south')
  look('ann', '/', 3_000)
  look('nobody', '/', 4_000)
  look('ann', '/', minute + 9_000)
  look('ann', '/', 5_000)
  driver.commit()
  driver.crash()
  look('ann', '/', minute + 10_000)
  driver.commit()

  const first = new Date(0).toISOString()
  expect(driver.output('views-by-region').readKeyValues()).toEqual([
    ['north /', { count: 2, minute: first }],
    ['south /', { count: 2, minute: first }],
  ])
})
