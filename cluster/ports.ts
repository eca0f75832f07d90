import { connect, createServer } from 'node:net'

/**
 * Below the range from which systems take ports for outgoing connections: while a broker is down on
 * purpose, a client that tries to reach it could otherwise be given its very port, and talk to
 * itself.
 */
const firstPort = 26_000
const lastPort = 26_999
const host = '127.0.0.1'

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port ?? 0
}

/** Ports of 127.0.0.1 that nobody listens on, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const span = lastPort - firstPort + 1
  const start = Math.floor(Math.random() * span)
  const ports: number[] = []
  for (let i = 0; i < span && ports.length < count; i++) {
    const port = firstPort + ((start + i) % span)
    if (await canListen(port)) ports.push(port)
  }
  if (ports.length < count) throw new Error(`no free port between ${firstPort} and ${lastPort}`)
  return ports
}

/** True when a TCP connection is accepted within the time. */
export function reachable(address: string, timeoutMs: number): Promise<boolean> {
  const at = address.lastIndexOf(':')
  const socket = connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) })
  return new Promise((resolve) => {
    const done = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(timeoutMs, () => done(false))
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
  })
}

function canListen(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
