// How far a long operation has come, and how that looks. Pure: times are durations since its start that
// the caller passes in, so the same state always renders the same line.

/// How far an operation has come.
public struct ProgressState: Hashable, Sendable {
  /// What is counted.
  public enum Unit: Hashable, Sendable {
    /// Bytes, shown as sizes.
    case bytes
    /// Things of this name, in the plural.
    case items(String)
  }

  /// The rate is that of this last stretch of time, so that it follows changes but does not flicker.
  public static let rateWindow = Duration.seconds(10)
  private static let samplesMaximum = 20

  private struct Sample: Hashable {
    let done: Int
    let time: Duration
  }

  /// What is being done.
  public let label: String
  /// What is counted.
  public let unit: Unit
  /// How much there is to do; `nil` if nobody knows.
  public let total: Int?
  /// How much is done.
  public private(set) var done = 0
  private var samples = [Sample(done: 0, time: .zero)]

  /// Nothing done yet.
  public init(_ label: String, unit: Unit, total: Int?) {
    self.label = TerminalText.harmless(label)
    self.unit = unit
    self.total = total
  }

  /// Notes that `done` is done at a time since the start.
  public mutating func advance(to done: Int, at now: Duration) {
    self.done = done
    let spacing = Self.rateWindow / Self.samplesMaximum
    guard let last = samples.last, now - last.time >= spacing else { return }
    samples.append(Sample(done: done, time: now))
    // One sample older than the window stays, so that a slow operation has a rate too.
    while samples.count > 2, now - samples[1].time > Self.rateWindow { samples.removeFirst() }
  }

  /// How many a second, lately.
  public func rate(at now: Duration) -> Double {
    guard let first = samples.first, now > first.time else { return 0 }
    return max(0, Double(done - first.done) / ((now - first.time) / .seconds(1)))
  }

  /// How long it takes to the end at this rate; `nil` if that cannot be told.
  public func timeLeft(at now: Duration) -> Duration? {
    let rate = rate(at: now)
    guard let total, total > done, rate > 0 else { return nil }
    let seconds = Double(total - done) / rate
    return seconds < 1_000_000_000 ? .seconds(Int(seconds.rounded(.up))) : nil
  }

  /// A line with a bar for a terminal: `copy [#####-----]  50%  1.00 GiB of 2.00 GiB  120 MiB/s  9s left`.
  public func bar(at now: Duration, width: Int) -> String {
    let figures = figures(at: now)
    guard let total, total > 0 else { return TerminalText.cut("\(label)  \(figures)", to: width) }
    let percent = Int(Double(min(done, total)) / Double(total) * 100)
    let text =
      "\(TerminalText.padded(String(repeating: " ", count: 3 - String(percent).count) + "\(percent)%", to: 4))"
    let room = width - TerminalText.width(label) - TerminalText.width(figures) - text.count - 6
    let cells = min(room, 40)
    guard cells >= 5 else { return TerminalText.cut("\(label)  \(text)  \(figures)", to: width) }
    let filled = Int(Double(min(done, total)) / Double(total) * Double(cells))
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: cells - filled)
    return "\(label) [\(bar)] \(text)  \(figures)"
  }

  /// A line without a bar for a file: `copy: 50%, 1.00 GiB of 2.00 GiB  120 MiB/s  9s left`.
  public func plain(at now: Duration) -> String {
    guard let total, total > 0 else { return "\(label): \(figures(at: now))" }
    return "\(label): \(Int(Double(min(done, total)) / Double(total) * 100))%, \(figures(at: now))"
  }

  /// What is said at the end: `copy: 2.00 GiB in 17s, 120 MiB/s`.
  public func summary(at now: Duration) -> String {
    let seconds = now / .seconds(1)
    let mean = seconds > 0 ? ", \(amount(seconds: Double(done) / seconds))/s" : ""
    return "\(label): \(amount(done)) in \(DurationNotation.approximate(now))\(mean)"
  }

  private func figures(at now: Duration) -> String {
    var parts = [total.map { "\(amountWithoutUnit(done)) of \(amount($0))" } ?? amount(done)]
    parts.append("\(amount(seconds: rate(at: now)))/s")
    if let left = timeLeft(at: now) { parts.append("\(DurationNotation.approximate(left)) left") }
    return parts.joined(separator: "  ")
  }

  private func amount(_ count: Int) -> String {
    switch unit {
    case .bytes: ByteSize(bytes: max(0, count)).approximate
    case .items(let name): "\(count) \(name)"
    }
  }

  private func amountWithoutUnit(_ count: Int) -> String {
    if case .items = unit { String(count) } else { amount(count) }
  }

  private func amount(seconds rate: Double) -> String {
    let whole = Int(min(rate.rounded(), 1e18))
    switch unit {
    case .bytes: return ByteSize(bytes: whole).approximate
    case .items:
      if rate >= 10 || rate == 0 { return String(whole) }
      let tenths = Int((rate * 10).rounded())
      return "\(tenths / 10).\(tenths % 10)"
    }
  }
}
