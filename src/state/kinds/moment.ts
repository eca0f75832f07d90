import { noTime } from '../../time/watermark-record.ts'

/** What time it is for the state of one operator; its operator keeps it. */
export class Moment {
  /** Timestamp of the record or timer in work, milliseconds since 1970. */
  recordMs = 0
  /** `noTime` before the first. */
  watermark = noTime
  wallMs = 0
}
