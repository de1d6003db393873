// Since when tables lack events, without reading the log: where its end was, at moments when somebody looked.

import Runtime

/// How long one partition's tables have been behind.
struct LagMarks {
  private struct Mark {
    let end: Int64
    let time: MonotonicInstant
  }

  /// How many moments are remembered. When there are more, every second one is forgotten, never the oldest.
  static let countMaximum = 256

  /// The log's end when it was seen to have moved, while the tables were not so far.
  private var marks: [Mark] = []

  /// How many are remembered now.
  var count: Int { marks.count }

  /// Notes where tables and log are now.
  ///
  /// - Returns: for how long events have been there that the tables lack; zero when they lack none. It may be too short
  ///   by the time between two looks.
  mutating func note(position: Int64, end: Int64, at now: MonotonicInstant) -> Duration {
    marks.removeAll { $0.end <= position }
    if end > position && end > (marks.last?.end ?? position) { marks.append(Mark(end: end, time: now)) }
    if marks.count > Self.countMaximum {
      marks = marks.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }
    return marks.first.map { now.since($0.time) } ?? .zero
  }
}
