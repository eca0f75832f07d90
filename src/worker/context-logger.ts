import type { LogFields, Logger } from '../env/port.ts'

/** Adds what holds at the moment of the line: worker, open epoch. */
export function contextLogger(logger: Logger, context: () => LogFields): Logger {
  const full = (fields: LogFields) => ({ ...context(), ...fields })
  return {
    debug: (fields, message) => logger.debug(full(fields), message),
    info: (fields, message) => logger.info(full(fields), message),
    warn: (fields, message) => logger.warn(full(fields), message),
    error: (fields, message) => logger.error(full(fields), message),
    child: (fields) => contextLogger(logger.child(fields), context),
  }
}
