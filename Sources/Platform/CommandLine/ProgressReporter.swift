// Shows a ProgressState while the work goes on: a line that is redrawn on a terminal, a plain line now
// and then elsewhere. Progress is an aside: if it cannot be written the reporter falls silent and the
// work goes on.

public import Runtime

/// Shows how far an operation has come; may be advanced from any thread.
public final class ProgressReporter: Sendable {
  /// How often the line on a terminal is redrawn.
  public static let redrawInterval = Duration.milliseconds(100)
  /// How often a line is printed where there is no terminal.
  public static let plainInterval = Duration.seconds(10)

  private struct Display {
    var state: ProgressState
    var shownAt: Duration?
    var isSilent = false
  }

  private let console: Console
  private let time: any TimeSource
  private let start: MonotonicInstant
  private let display: Locked<Display>

  /// A reporter on a console's errors.
  ///
  /// - Parameters:
  ///   - state: what is being done.
  ///   - console: where to show it.
  ///   - time: what its rate is measured by.
  public init(_ state: ProgressState, console: Console, time: some TimeSource = SystemTime()) {
    self.console = console
    self.time = time
    start = time.monotonic
    display = Locked(Display(state: state))
  }

  private var elapsed: Duration { time.monotonic.since(start) }

  /// Notes that so much more is done.
  public func advance(by count: Int) {
    let time = elapsed
    display.withLock { display in
      display.state.advance(to: display.state.done + count, at: time)
      show(&display, time)
    }
  }

  /// Notes that so much is done in all.
  public func advance(to done: Int) {
    let time = elapsed
    display.withLock { display in
      display.state.advance(to: done, at: time)
      show(&display, time)
    }
  }

  /// Ends the display with a summary.
  public func finish() {
    let time = elapsed
    display.withLock { display in
      let summary = display.state.summary(at: time)
      write(console.errorTraits.isTerminal ? "\r\u{1B}[K\(summary)\n" : "\(summary)\n", &display)
      display.isSilent = true
    }
  }

  /// Ends the display without a summary, so that an error can be printed on a line of its own.
  public func stop() {
    display.withLock { display in
      if console.errorTraits.isTerminal, display.shownAt != nil { write("\r\u{1B}[K", &display) }
      display.isSilent = true
    }
  }

  private func show(_ display: inout Display, _ time: Duration) {
    let isTerminal = console.errorTraits.isTerminal
    let interval = isTerminal ? Self.redrawInterval : Self.plainInterval
    // On a terminal the first line shows at once, elsewhere after an interval: short work leaves no trace.
    if time - (display.shownAt ?? (isTerminal ? .zero - interval : .zero)) < interval { return }
    display.shownAt = time
    let line =
      isTerminal
      ? "\r\u{1B}[K" + display.state.bar(at: time, width: console.errorTraits.width - 1)
      : display.state.plain(at: time) + "\n"
    write(line, &display)
  }

  private func write(_ text: String, _ display: inout Display) {
    if display.isSilent { return }
    do {
      try console.errors.write(text)
    } catch {
      display.isSilent = true
    }
  }
}
