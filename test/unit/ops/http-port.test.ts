import { expect, test } from '@jest/globals'
import { openHttpPort, type Reply, type Request } from '../../../src/ops/http-port.ts'
import { quietEnv } from '../../quiet-env.ts'

const reply = (body: string): Reply => ({ status: 200, type: 'application/json', body })
const host = '127.0.0.1'

test('requests arrive decoded, and a failing handler costs only its request', async () => {
  const seen: Request[] = []
  const respond = async (request: Request) => {
    seen.push(request)
    if (request.path.includes('fail')) throw new Error('no')
    return reply('{}')
  }
  const port = await openHttpPort({ host, port: 0 }, respond, quietEnv.logger)
  const base = `http://${host}:${port.port}`
  try {
    const failing = await fetch(`${base}/fail`)
    const fine = await fetch(`${base}/api/a%2Fb?key=%22x%22`, { method: 'POST', body: 'words' })
    expect(failing.status).toBe(400)
    expect(await fine.text()).toBe('{}')
    expect(seen[1]).toMatchObject({ method: 'POST', path: ['api', 'a/b'], body: 'words' })
    expect(seen[1]?.query.get('key')).toBe('"x"')
    expect((await fetch(`${base}/big`, { method: 'POST', body: 'x'.repeat(2e6) })).status).toBe(400)
  } finally {
    await port.close()
  }
})

test('a port that is taken is an error that names it', async () => {
  const first = await openHttpPort({ host, port: 0 }, async () => reply('{}'), quietEnv.logger)
  const second = openHttpPort({ host, port: first.port }, async () => reply('{}'), quietEnv.logger)
  await expect(second).rejects.toMatchObject({ code: 'HTTP_PORT_TAKEN', domain: 'user' })
  await first.close()
})
