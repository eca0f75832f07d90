import { messageOf, StreamError } from '../model/errors.ts'

export function unreadable(store: string, cause: unknown): StreamError {
  return new StreamError(
    'STATE_UNREADABLE',
    `the serde of store ${store} cannot read a value: ${messageOf(cause)}; ` +
      'if its type changed, give the store a new name or reset the application',
    { domain: 'user', recovery: 'fatal', where: { node: store }, cause },
  )
}

export function unwritable(store: string, cause: unknown): StreamError {
  return new StreamError(
    'STATE_UNWRITABLE',
    `the serde of store ${store} refuses a value: ${messageOf(cause)}; ` +
      'give the store a serde that fits what its function returns',
    { domain: 'user', recovery: 'fatal', where: { node: store }, cause },
  )
}
