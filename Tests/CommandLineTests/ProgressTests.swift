import CommandLine
import Runtime
import Testing

private func state(_ done: Int, of total: Int?, at now: Duration, unit: ProgressState.Unit = .bytes)
  -> ProgressState
{
  var state = ProgressState("copy", unit: unit, total: total)
  state.advance(to: done, at: now)
  return state
}

/// What a reporter of a hundred files prints while `body` goes on.
private func printed(isTerminal: Bool, _ body: (ProgressReporter, ManualTime) -> Void) -> String {
  let (clock, errors) = (ManualTime(), CapturedOutput())
  let console = Console(
    output: CapturedOutput(), errors: errors, errorTraits: StreamTraits(isTerminal: isTerminal))
  let state = ProgressState("copy", unit: .items("files"), total: 100)
  body(ProgressReporter(state, console: console, time: clock), clock)
  return errors.text
}

@Suite("Progress") struct ProgressTests {
  @Test(
    arguments: [
      (0, 80, "copy [----------------------------------------]   0%  0 B of 2.00 GiB  0 B/s"),
      (1 << 30, 80, "copy [############-------------]  50%  1.00 GiB of 2.00 GiB  102 MiB/s  10s left"),
      (
        1 << 30, 100,
        "copy [####################--------------------]  50%  1.00 GiB of 2.00 GiB  102 MiB/s  10s left"
      ),
      (2 << 30, 80, "copy [###################################] 100%  2.00 GiB of 2.00 GiB  205 MiB/s"),
      (3 << 30, 80, "copy [###################################] 100%  3.00 GiB of 2.00 GiB  307 MiB/s"),
      (1 << 30, 40, "copy   50%  1.00 GiB of 2.00 GiB  102 M…"),
      (1 << 30, 0, ""),
    ] as [(Int, Int, String)])
  func aBarFillsTheTerminal(done: Int, width: Int, line: String) {
    let bar = state(done, of: 2 << 30, at: .seconds(10)).bar(at: .seconds(10), width: width)
    #expect(TerminalText.width(bar) <= width)
    #expect(bar == line)
  }

  @Test func withoutATotalThereAreFiguresOnly() {
    let items = state(30, of: nil, at: .seconds(10), unit: .items("files"))
    #expect(items.bar(at: .seconds(10), width: 80) == "copy  30 files  3.0/s")
    #expect(items.plain(at: .seconds(10)) == "copy: 30 files  3.0/s")
    #expect(items.timeLeft(at: .seconds(10)) == nil)
    #expect(items.summary(at: .seconds(10)) == "copy: 30 files in 10s, 3.0/s")
  }

  @Test func theRateIsThatOfTheLastStretch() {
    var state = ProgressState("copy", unit: .items("files"), total: 10_000)
    for second in 1...20 { state.advance(to: second * 100, at: .seconds(second)) }
    #expect(state.rate(at: .seconds(20)) == 100)
    for second in 21...40 { state.advance(to: 2000 + (second - 20) * 10, at: .seconds(second)) }
    #expect(abs(state.rate(at: .seconds(40)) - 10) < 0.001)
    #expect(state.timeLeft(at: .seconds(40)) == .seconds(780))
    // Nothing happens any more: the rate sinks, and the time left grows.
    #expect(state.rate(at: .seconds(400)) < 1)
  }

  @Test func aRateOfNothingIsZero() {
    let state = state(0, of: 10, at: .zero)
    #expect(state.rate(at: .zero) == 0)
    #expect(state.timeLeft(at: .zero) == nil)
    #expect(state.summary(at: .zero) == "copy: 0 B in 0s")
  }

  @Test func aRunningOperationIsRedrawnOnATerminal() {
    let text = printed(isTerminal: true) { reporter, clock in
      reporter.advance(by: 50)
      reporter.advance(by: 1)  // too soon to be drawn
      clock.advance(by: .seconds(1))
      reporter.advance(to: 60)
      reporter.finish()
      reporter.advance(by: 1)  // the display has ended
    }
    let drawn = text.split(separator: "\r\u{1B}[K", omittingEmptySubsequences: false)
    #expect(
      drawn == [
        "", "copy [####################--------------------]  50%  50 of 100 files  0/s",
        "copy [#####################--------------]  60%  60 of 100 files  60/s  1s left",
        "copy: 60 files in 1s, 60/s\n",
      ])
  }

  @Test func aLineIsPrintedNowAndThenElsewhere() {
    let text = printed(isTerminal: false) { reporter, clock in
      for second in 1...25 {
        clock.advance(by: .seconds(1))
        reporter.advance(to: second * 4)
      }
      reporter.finish()
    }
    let expected = """
      copy: 40%, 40 of 100 files  4.0/s  15s left
      copy: 80%, 80 of 100 files  4.0/s  5s left
      copy: 100 files in 25s, 4.0/s

      """
    #expect(text == expected)
  }

  @Test func stoppingClearsTheLine() {
    let text = printed(isTerminal: true) { reporter, _ in
      reporter.advance(by: 1)
      reporter.stop()
      reporter.finish()
    }
    #expect(text.hasSuffix("\r\u{1B}[K"))
    #expect(printed(isTerminal: false) { reporter, _ in reporter.stop() } == "")
  }

  @Test func aDisplayThatCannotBeWrittenFallsSilent() {
    struct Closed: OutputSink {
      let attempts: CapturedOutput
      func write(_ text: String) throws(CommandLineError) {
        try attempts.write("x")
        throw .output(errno: 32)
      }
    }
    let attempts = CapturedOutput()
    let console = Console(
      output: CapturedOutput(), errors: Closed(attempts: attempts),
      errorTraits: StreamTraits(isTerminal: true))
    let reporter = ProgressReporter(ProgressState("copy", unit: .bytes, total: 1), console: console)
    reporter.advance(by: 1)
    reporter.finish()
    #expect(attempts.text == "x")
  }

  @Test func manyThreadsMayAdvanceIt() async {
    let errors = CapturedOutput()
    let console = Console(output: CapturedOutput(), errors: errors)
    let reporter = ProgressReporter(
      ProgressState("copy", unit: .items("files"), total: 1000), console: console)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<10 { group.addTask { for _ in 0..<100 { reporter.advance(by: 1) } } }
    }
    reporter.finish()
    // On a slow machine lines on the way may come before it.
    #expect(errors.text.contains(/(?m)^copy: 1000 files in .*\n\z/))
  }
}
