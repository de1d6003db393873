// Where reading begins or ends, as it is typed: an offset, a moment, or how long ago.

import CommandLine
import Log
import LogTools
import Runtime

/// A place in a partition.
enum ReadBound: Hashable, Sendable {
  case beginning
  case end
  case offset(Int64)
  case time(Timestamp)
  case ago(Duration)

  /// Where to begin.
  func start(now: Timestamp) -> ReadStart {
    switch self {
    case .beginning: .beginning
    case .end: .end
    case .offset(let offset): .offset(LogOffset(offset))
    case .time(let moment): .time(moment.milliseconds)
    case .ago(let duration): .time(Self.moment(duration, before: now))
    }
  }

  /// Where to end; nil for an end that does not end.
  func readEnd(now: Timestamp) -> ReadEnd? {
    switch self {
    case .beginning: .offset(.zero)
    case .end: nil
    case .offset(let offset): .offset(LogOffset(offset))
    case .time(let moment): .time(moment.milliseconds)
    case .ago(let duration): .time(Self.moment(duration, before: now))
    }
  }

  private static func moment(_ duration: Duration, before now: Timestamp) -> Int64 {
    now.milliseconds - Int64(duration / .milliseconds(1))
  }
}

extension ValueNotation where Value == ReadBound {
  /// `1200`, `2026-03-01T12:00:00Z`, `15m`, `beginning`, `end`.
  static var readBound: ValueNotation {
    ValueNotation(
      name: "place",
      accepted: "an offset, a time such as 2026-03-01T12:00:00Z, how long ago such as 15m, beginning, or end",
      placeholder: "PLACE",
      read: { text throws(NotationError) in
        if text == "beginning" { return .beginning }
        if text == "end" { return .end }
        if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), !text.isEmpty {
          guard let offset = Int64(text) else { throw .outOfRange }
          return .offset(offset)
        }
        if text.contains("T") {
          guard let moment = Timestamp(rfc3339: text) else {
            throw .malformed("is not a time as RFC 3339 writes it")
          }
          return .time(moment)
        }
        return .ago(try DurationNotation.read(text))
      },
      write: { bound in
        switch bound {
        case .beginning: "beginning"
        case .end: "end"
        case .offset(let offset): String(offset)
        case .time(let moment): moment.description
        case .ago(let duration): DurationNotation.write(duration)
        }
      })
  }
}
