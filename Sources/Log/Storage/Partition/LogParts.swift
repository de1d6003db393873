// What every partition of a log uses.

import Files
import Runtime
import Telemetry

/// The parts that the partitions of one log share.
struct LogParts: Sendable {
  let files: any FileSystem
  let time: any TimeSource
  let pool: BlockingPool
  let logger: Logger
  let writers: [WriterThread]
  let keeper: LogKeeper
  let metrics: LogMetrics
}
