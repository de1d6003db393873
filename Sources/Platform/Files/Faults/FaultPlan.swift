// The rules in force, the count of calls, and the record of them. One plan stands in front of one simulated
// or wrapped file system; a test adds and removes rules while it runs, and when it fails prints the record.

public import Runtime

/// What goes wrong, and what was asked so far.
///
/// With one thread the same seed strikes the same calls; with several the order of their calls decides.
public final class FaultPlan: Sendable {
  private let state: Locked<State>
  private let random: any RandomSource
  private let delay: @Sendable (Duration) -> Void

  /// How many of the latest calls the record keeps.
  public static let recordedCallsMaximum = 4096

  /// A plan without rules.
  ///
  /// - Parameters:
  ///   - random: what probabilities and random lengths are drawn from.
  ///   - delay: how a slow call passes its time: advance a `ManualTime`, or block.
  public init(random: any RandomSource, delay: @escaping @Sendable (Duration) -> Void) {
    self.random = random
    self.delay = delay
    state = Locked(State())
  }

  private struct State {
    var rules: [(id: Int, rule: FaultRule, seen: Int)] = []
    var nextRule = 0
    var calls = 0
    var changes = 0
    var record: [FileCall] = []
    /// The calls that change the disk are answered up to this many.
    var changesMaximum = Int.max
    var isOff = false
  }

  // MARK: Rules

  /// Names a rule that was added.
  public struct RuleID: Hashable, Sendable {
    fileprivate let number: Int
  }

  /// Puts a rule in force.
  @discardableResult
  public func add(_ rule: FaultRule) -> RuleID {
    state.withLock { state in
      state.nextRule += 1
      state.rules.append((state.nextRule, rule, 0))
      return RuleID(number: state.nextRule)
    }
  }

  /// Takes a rule out of force.
  public func remove(_ id: RuleID) {
    state.withLock { $0.rules.removeAll { $0.id == id.number } }
  }

  /// Takes every rule out of force.
  public func removeAll() { state.withLock { $0.rules.removeAll() } }

  // MARK: The machine's power

  /// Turns the machine off before the call that is the `count`+1st from now of those that change the disk;
  /// it and every later call answer ENODEV and do nothing.
  public func turnOff(afterChanges count: Int) {
    state.withLock { $0.changesMaximum = $0.changes + count }
  }

  /// Turns the machine off now.
  public func turnOff() { state.withLock { $0.isOff = true } }

  /// Whether the machine is off.
  public var isOff: Bool { state.withLock { $0.isOff } }

  // MARK: What was asked

  /// How many calls were made that can change the disk.
  public var changes: Int { state.withLock { $0.changes } }

  /// How many calls were made.
  public var calls: Int { state.withLock { $0.calls } }

  /// The latest calls, oldest first.
  public var record: [FileCall] { state.withLock { $0.record } }

  /// The last `count` calls, a line each: for the message of a failing test.
  public func transcript(last count: Int = 40) -> String {
    state.withLock { $0.record.suffix(count).map(\.description).joined(separator: "\n") }
  }

  // MARK: Striking

  /// What the rules say to one call.
  struct Verdict {
    var bytesMaximum = Int.max
    var isCached = true
    var flips: [(range: Range<Int>, mask: UInt8)] = []

    /// Flips what must be flipped in bytes that were read from `offset` on.
    func spoil(_ bytes: UnsafeMutableRawBufferPointer, readAt offset: Int) {
      for flip in flips {
        for place in flip.range.clamped(to: offset..<offset + bytes.count) {
          bytes[place - offset] ^= flip.mask
        }
      }
    }
  }

  /// Counts and records a call and decides about it: throws what it must fail with.
  ///
  /// - Parameter changesDisk: whether this very call can, when its kind does not say.
  func judge(
    _ operation: FileOperation, _ path: FilePath, at offset: Int? = nil, length: Int? = nil,
    changesDisk: Bool? = nil
  ) throws(ErrorNumber) -> Verdict {
    let changesDisk = changesDisk ?? operation.changesDisk
    var pause = Duration.zero
    let answer: Result<Verdict, ErrorNumber> = state.withLock { state in
      if !state.isOff, changesDisk, state.changes >= state.changesMaximum { state.isOff = true }
      if state.isOff { return .failure(.noDevice) }
      state.calls += 1
      if changesDisk { state.changes += 1 }
      var verdict = Verdict()
      var failure: ErrorNumber?
      for index in state.rules.indices where state.rules[index].rule.isAbout(operation, path) {
        state.rules[index].seen += 1
        guard strikes(state.rules[index].rule.moment, seen: state.rules[index].seen) else { continue }
        let effect = state.rules[index].rule.effect
        if case .slow(let duration) = effect { pause += duration }
        let place = (offset ?? 0, length ?? 0)
        apply(effect, to: &verdict, failure: &failure, operation, place.0, length: place.1)
      }
      if state.record.count == 2 * Self.recordedCallsMaximum {
        state.record.removeFirst(Self.recordedCallsMaximum)
      }
      state.record.append(
        FileCall(
          number: state.calls, change: changesDisk ? state.changes : nil, operation: operation, path: path,
          offset: offset, length: length, fault: failure))
      return failure.map { .failure($0) } ?? .success(verdict)
    }
    if pause > .zero { delay(pause) }
    return try answer.get()
  }

  private func strikes(_ moment: FaultMoment, seen: Int) -> Bool {
    switch moment {
    case .always: true
    case .call(let number): seen == number
    case .calls(let first, let count): seen >= first && seen - first < count
    case .probability(let probability):
      // 53 bits: as many as a Double holds exactly.
      Double(random.next() >> 11) * 0x1p-53 < probability
    }
  }

  private func apply(
    _ effect: FaultEffect, to verdict: inout Verdict, failure: inout ErrorNumber?,
    _ operation: FileOperation, _ offset: Int, length: Int
  ) {
    switch effect {
    case .fail(let number): failure = failure ?? number
    case .short(let bytes):
      // A read of nothing would say that the file ends here.
      verdict.bytesMaximum = min(verdict.bytesMaximum, max(operation.readsBytes ? 1 : 0, bytes))
    case .shortRandomly:
      guard length > 1 else { return }
      verdict.bytesMaximum = min(verdict.bytesMaximum, 1 + Int(random.next(below: UInt64(length))))
    case .slow: break
    case .notCached: verdict.isCached = false
    case .unreadable(let range):
      guard range.lowerBound < offset.saturatingAdd(length), offset < range.upperBound else { return }
      if range.lowerBound <= offset {
        failure = failure ?? .inputOutput
      } else {
        verdict.bytesMaximum = min(verdict.bytesMaximum, range.lowerBound - offset)
      }
    case .flippedBits(let range, let mask): verdict.flips.append((range, mask))
    }
  }
}

/// One call that was made of a simulated or wrapped file system.
public struct FileCall: Hashable, Sendable, CustomStringConvertible {
  /// Which call it was, counted from 1.
  public let number: Int
  /// Which of those that can change the disk, counted from 1.
  public let change: Int?
  /// What was asked.
  public let operation: FileOperation
  /// Of which file; for a rename or a link, of the old name.
  public let path: FilePath
  /// Where in it.
  public let offset: Int?
  /// How much.
  public let length: Int?
  /// What a rule made it fail with.
  public let fault: ErrorNumber?

  /// One line: `#12 (change 4) pwrite /a, 512 bytes at 0 → EIO by rule`.
  public var description: String {
    var text = "#\(number)"
    if let change { text += " (change \(change))" }
    text += " \(operation) \(path)"
    if let length { text += ", \(length) bytes" }
    if let offset { text += " at \(offset)" }
    if let fault { text += " → \(fault.name) by rule" }
    return text
  }
}

extension Int {
  /// The sum, or the largest number there is.
  func saturatingAdd(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
