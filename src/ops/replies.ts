import type { Reply } from './http-port.ts'

export function json(status: number, value: unknown): Reply {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}

export function failure(status: number, code: string, message: string): Reply {
  return json(status, { error: { code, message } })
}
