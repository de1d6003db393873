// What the callers of a log were told, and the laws that the log must keep whatever happened: it is compared
// with what the log holds after every crash.

import Bytes
import Log
import Records
import Runtime

/// A law that the log broke.
struct Violation: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// One append: who made it, and which of its appends it was.
struct AppendName: Hashable, Sendable, CustomStringConvertible {
  let producer: String
  let number: Int

  var description: String { "\(producer)/\(number)" }
}

/// The place of one record in its append, as its value says it.
struct RecordLabel: Equatable {
  let append: AppendName
  let index: Int
  let count: Int

  var text: String { "\(append)/\(index)/\(count)/" }

  init(_ append: AppendName, index: Int, count: Int) {
    self.append = append
    self.index = index
    self.count = count
  }

  init?(parsing stored: StoredRecord) {
    guard let value = stored.record.value, let text = String(validating: value) else { return nil }
    let parts = text.split(separator: "/", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, let number = Int(parts[1]), let index = Int(parts[2]), let count = Int(parts[3])
    else { return nil }
    self.init(AppendName(producer: String(parts[0]), number: number), index: index, count: count)
  }
}

/// What became of the appends so far, as their callers know it.
struct Ledger: Sendable {
  /// What the caller was told.
  enum Fate: Equatable, Sendable {
    /// It is durable from this offset on.
    case durable(Int64)
    /// It has this offset, and may be lost with everything after it.
    case written(Int64)
    /// It failed, or was not answered: it may be there or not.
    case unknown
    /// It was refused before anything was done, or was lost in a crash.
    case absent
  }

  private(set) var appends: [AppendName: (count: Int, fate: Fate)] = [:]
  /// Everything before was read by somebody who sees only what is durable, or was there after a crash.
  private(set) var durableEnd: Int64 = 0
  /// After the highest offset that was given away.
  private(set) var givenEnd: Int64 = 0

  mutating func note(_ name: AppendName, count: Int, _ fate: Fate) {
    appends[name] = (count, fate)
    switch fate {
    case .durable(let first):
      durableEnd = max(durableEnd, first + Int64(count))
      givenEnd = max(givenEnd, first + Int64(count))
    case .written(let first): givenEnd = max(givenEnd, first + Int64(count))
    case .unknown, .absent: break
    }
  }

  /// Everything before `end` is durable.
  mutating func noteDurable(end: Int64) { durableEnd = max(durableEnd, end) }

  // MARK: The laws

  /// Compares with what the log holds, all of it and in order, after it was opened again; what is there is
  /// durable from then on.
  mutating func settle(with found: [StoredRecord]) throws(Violation) {
    let places = try Self.places(in: found)
    let end = Int64(found.count)
    if end < durableEnd {
      throw Violation("the log ends at \(end), and everything before \(durableEnd) was durable")
    }
    for (name, place) in places where appends[name] == nil { appends[name] = (place.count, .unknown) }
    for (name, (count, fate)) in appends {
      let place = places[name]
      switch (fate, place) {
      case (.durable(let first), let place?):
        if place.first != first {
          throw Violation("\(name) was acknowledged at \(first) and is at \(place.first)")
        }
      case (.durable(let first), nil): throw Violation("\(name), acknowledged at \(first), is lost")
      case (.written(let first), let place?):
        if place.first != first {
          throw Violation("\(name) was written at \(first) and is at \(place.first)")
        }
      case (.written(let first), nil):
        if first < end { throw Violation("\(name), written at \(first), is missing before the end \(end)") }
      case (.absent, let place?): throw Violation("\(name) was refused or lost and is at \(place.first)")
      case (.unknown, _), (.absent, nil): break
      }
      if let place, place.count != count {
        throw Violation("\(name) had \(count) records and has \(place.count)")
      }
      appends[name] = (count, place.map { .durable($0.first) } ?? .absent)
    }
    durableEnd = end
    givenEnd = end
  }

  /// Where each append is; throws unless offsets have no gap, and every append is whole, once, in the order of
  /// its producer.
  static func places(
    in found: [StoredRecord]
  ) throws(Violation) -> [AppendName: (first: Int64, count: Int)] {
    var places: [AppendName: (first: Int64, count: Int)] = [:]
    var latest: [String: Int] = [:]
    var open: RecordLabel?
    for (index, stored) in found.enumerated() {
      if stored.offset != Int64(index) {
        throw Violation("offset \(stored.offset) stands where \(index) should")
      }
      guard let label = RecordLabel(parsing: stored) else {
        throw Violation("the record at \(index) is not one that was appended")
      }
      if let open {
        guard label == RecordLabel(open.append, index: open.index + 1, count: open.count) else {
          throw Violation("\(label.text) at \(index) stands inside \(open.append)")
        }
      } else {
        if label.index != 0 { throw Violation("\(label.text) at \(index) has lost its beginning") }
        if places[label.append] != nil {
          throw Violation("\(label.append) is there twice, again at \(index)")
        }
        if let before = latest[label.append.producer], before >= label.append.number {
          throw Violation("\(label.append) at \(index) comes after \(before)")
        }
        latest[label.append.producer] = label.append.number
        places[label.append] = (Int64(index), label.count)
      }
      open = label.index + 1 == label.count ? nil : label
    }
    if let open { throw Violation("\(open.append) is torn at the end") }
    return places
  }
}
