// The Date field, which is the same for every answer of a second: each loop writes it once a second.

import Bytes
import HTTP
import Runtime

/// One loop's Date field.
///
/// `@unchecked Sendable`: touched only by the loop that it belongs to.
final class DateLine: @unchecked Sendable {
  private var line = ByteBuffer(capacity: HTTPDate.bytes + 8)
  private var validUntil: UInt64 = 0

  /// Appends `Date: …` with its line end.
  func append(to output: inout ByteBuffer, now: MonotonicInstant, _ time: any TimeSource) {
    if now.nanoseconds >= validUntil { write(now, time.wall) }
    output.append(line)
  }

  /// Calls `body` with what the field says.
  func withValue(now: MonotonicInstant, _ time: any TimeSource, _ body: (UnsafeRawBufferPointer) -> Void) {
    if now.nanoseconds >= validUntil { write(now, time.wall) }
    line.withReadableBytes { body(UnsafeRawBufferPointer(rebasing: $0[6..<6 + HTTPDate.bytes])) }
  }

  private func write(_ now: MonotonicInstant, _ wall: Timestamp) {
    let second: Int64 = 1_000_000_000
    let seconds = wall.nanoseconds >= 0 ? wall.nanoseconds / second : (wall.nanoseconds - second + 1) / second
    line.clear()
    line.append("Date: ")
    HTTPDate.append(seconds: seconds, to: &line)
    line.append("\r\n")
    validUntil = now.nanoseconds + UInt64(second - (wall.nanoseconds - seconds * second))
  }
}
