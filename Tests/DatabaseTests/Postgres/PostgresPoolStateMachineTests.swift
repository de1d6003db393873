// The pool's decisions, event by event, without a server and without a clock.

import Runtime
import Testing

@testable import Database

@Suite("Decisions of the PostgreSQL pool") struct PostgresPoolStateMachineTests {
  typealias Machine = PostgresPoolStateMachine
  typealias Action = PostgresPoolStateMachine.Action

  /// The smallest number each time: pauses are half of the full one.
  struct NoChance: RandomSource {
    // Not zero, which `next(below:)` may refuse for ever.
    func next() -> UInt64 { 1 }
    func fill(_ bytes: UnsafeMutableRawBufferPointer) {
      for index in bytes.indices { bytes[index] = 0 }
    }
  }

  static func machine(_ change: (inout Machine.Limits) -> Void = { _ in }) -> Machine {
    var limits = Machine.Limits()
    limits.connectionsMaximum = 2
    limits.waitersMaximum = 3
    limits.waitTimeout = .seconds(5)
    limits.idleTimeout = .seconds(60)
    limits.backoffMinimum = .seconds(1)
    limits.backoffMaximum = .seconds(8)
    change(&limits)
    return Machine(limits: limits, target: "there", random: NoChance())
  }

  static func at(_ seconds: UInt64) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: seconds * 1_000_000_000)
  }

  /// Something that happens to a pool, at a second.
  enum Event: Sendable {
    case acquire(Int)
    case cancel(Int)
    case connected(Int)
    case failed(Int)
    case release(Int, isUsable: Bool = true)
    case refuse(Int)
    case tick
    case close
  }

  static let down = DatabaseError.cannotOpen(target: "there", reason: "nobody answers")

  static func happen(_ event: Event, _ machine: inout Machine, at second: UInt64) -> [Action] {
    let now = at(second)
    return switch event {
    case .acquire(let waiter): machine.acquire(waiter, now: now)
    case .cancel(let waiter): machine.cancel(waiter)
    case .connected(let connection): machine.connected(connection, now: now)
    case .failed(let connection): machine.connectFailed(connection, down, now: now)
    case .release(let connection, let isUsable): machine.release(connection, isUsable: isUsable, now: now)
    case .refuse(let connection): machine.refuse(connection, now: now)
    case .tick: machine.tick(now: now)
    case .close: machine.close()
    }
  }

  /// What happens when, and what is to be done about it.
  struct Story: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let steps: [(second: UInt64, event: Event, actions: [Action])]
    /// The next deadline after the last step, in seconds.
    var deadline: UInt64?
  }

  static let full = DatabaseError.overloaded(target: "there", reason: "3 callers wait already")
  static func impatient(_ used: Int) -> DatabaseError {
    .overloaded(target: "there", reason: "no connection was free for 5.0 seconds; \(used) are in use")
  }

  static let stories: [Story] = [
    Story(
      testDescription: "connects when somebody comes, and hands on what is given back",
      steps: [
        (0, .acquire(1), [.connect(1)]),
        (1, .connected(1), [.hand(1, to: 1)]),
        (2, .release(1), []),
        (3, .acquire(2), [.hand(1, to: 2)]),
        (4, .release(1), []),
      ], deadline: 64),
    Story(
      testDescription: "connects for each who waits, up to the limit, and serves in order of arrival",
      steps: [
        (0, .acquire(1), [.connect(1)]),
        (0, .acquire(2), [.connect(2)]),
        (0, .acquire(3), []),
        (1, .connected(2), [.hand(2, to: 1)]),
        (1, .connected(1), [.hand(1, to: 2)]),
        (1, .acquire(4), []),
        (2, .release(1), [.hand(1, to: 3)]),
        (2, .release(2), [.hand(2, to: 4)]),
      ], deadline: nil),
    Story(
      testDescription: "turns away who comes when too many wait",
      steps: [
        (0, .acquire(1), [.connect(1)]),
        (0, .acquire(2), [.connect(2)]),
        (0, .acquire(3), []),
        (0, .acquire(4), [.fail(waiter: 4, full)]),
      ], deadline: 5),
    Story(
      testDescription: "gives up on waiters whose time is over, and on nobody else",
      steps: [
        (0, .acquire(1), [.connect(1)]),
        (0, .connected(1), [.hand(1, to: 1)]),
        (0, .acquire(2), [.connect(2)]),
        (0, .connected(2), [.hand(2, to: 2)]),
        (0, .acquire(3), []),
        (2, .acquire(4), []),
        (4, .tick, []),
        (5, .tick, [.fail(waiter: 3, impatient(2))]),
        (6, .release(1), [.hand(1, to: 4)]),
      ], deadline: nil),
    Story(
      testDescription: "lets a waiter go",
      steps: [
        (0, .acquire(1), [.connect(1)]),
        (0, .cancel(1), [.fail(waiter: 1, .cancelled)]),
        (0, .cancel(1), []),
        (1, .connected(1), []),
        (1, .acquire(2), [.hand(1, to: 2)]),
      ], deadline: nil),
    Story(
      testDescription: "closes what was idle for long, the oldest first",
      steps: [
        (0, .acquire(1), [.connect(1)]), (0, .acquire(2), [.connect(2)]),
        (0, .connected(1), [.hand(1, to: 1)]), (0, .connected(2), [.hand(2, to: 2)]),
        (1, .release(1), []), (10, .release(2), []),
        // The one used last is taken first.
        (20, .acquire(3), [.hand(2, to: 3)]), (21, .release(2), []),
        (60, .tick, []), (61, .tick, [.close(1)]), (80, .tick, []),
      ], deadline: 81),
    Story(
      testDescription: "replaces a lost connection for those who wait",
      steps: [
        (0, .acquire(1), [.connect(1)]), (0, .acquire(2), [.connect(2)]),
        (0, .connected(1), [.hand(1, to: 1)]), (0, .connected(2), [.hand(2, to: 2)]),
        (0, .acquire(3), []),
        (1, .release(1, isUsable: false), [.close(1), .connect(3)]),
        (2, .release(2, isUsable: false), [.close(2)]),
      ], deadline: 5),
    Story(
      testDescription: "puts a waiter back in front whose connection was found dead",
      steps: [
        (0, .acquire(1), [.connect(1)]), (0, .connected(1), [.hand(1, to: 1)]), (0, .release(1), []),
        (1, .acquire(2), [.hand(1, to: 2)]),
        (1, .refuse(1), [.close(1), .connect(2)]),
        (2, .acquire(3), [.connect(3)]),
        (3, .connected(2), [.hand(2, to: 2)]),
      ], deadline: 7),
    Story(
      testDescription: "waits longer after each failure, tries once at a time, and tells why",
      steps: [
        (0, .acquire(1), [.connect(1)]), (0, .acquire(2), [.connect(2)]),
        // Half a second, then one from the second failure.
        (0, .failed(1), []),
        (0, .failed(2), []),
        (1, .tick, [.connect(3)]),
        (1, .tick, []),
        (2, .failed(3), []),
        (3, .tick, []),
        (4, .tick, [.connect(4)]),
        (5, .tick, [.fail(waiter: 1, down), .fail(waiter: 2, down)]),
        (6, .failed(4), []),
        // Nobody waits, so nobody is called for.
        (60, .tick, []),
        (61, .acquire(3), [.connect(5)]),
        (62, .connected(5), [.hand(5, to: 3)]),
        (62, .acquire(4), [.connect(6)]),
      ], deadline: 67),
    Story(
      testDescription: "closes at once what is idle, and the rest as it comes back",
      steps: [
        (0, .acquire(1), [.connect(1)]), (0, .acquire(2), [.connect(2)]),
        (0, .connected(1), [.hand(1, to: 1)]),
        (0, .connected(2), [.hand(2, to: 2)]), (0, .release(2), []), (0, .acquire(3), [.hand(2, to: 3)]),
        (0, .release(2), []), (0, .acquire(4), [.hand(2, to: 4)]), (0, .acquire(5), []),
        (1, .close, [.fail(waiter: 5, .closed)]),
        (1, .acquire(6), [.fail(waiter: 6, .closed)]),
        (2, .release(1), [.close(1)]),
        (3, .release(2, isUsable: false), [.close(2), .ended]),
      ], deadline: nil),
    Story(
      testDescription: "is closed when what was being made is done with",
      steps: [
        (0, .acquire(1), [.connect(1)]), (0, .acquire(2), [.connect(2)]),
        (0, .close, [.fail(waiter: 1, .closed), .fail(waiter: 2, .closed)]),
        (0, .connected(1), [.close(1)]),
        (0, .failed(2), [.ended]),
      ], deadline: nil),
    Story(
      testDescription: "is closed at once when it is empty", steps: [(0, .close, [.ended])], deadline: nil),
  ]

  @Test("decides", arguments: stories) func decides(_ story: Story) {
    var machine = Self.machine()
    for (index, step) in story.steps.enumerated() {
      #expect(
        Self.happen(step.event, &machine, at: step.second) == step.actions, "step \(index): \(step.event)")
    }
    #expect(machine.nextDeadline == story.deadline.map(Self.at))
  }

  @Test func pausesAreBoundedAndLeftToChanceByHalf() {
    for chance in 0..<20 {
      var limits = Machine.Limits()
      limits.backoffMinimum = .milliseconds(100)
      limits.backoffMaximum = .seconds(3)
      limits.waitTimeout = .seconds(1_000_000)
      var machine = Machine(limits: limits, target: "there", random: SeededRandom(seed: UInt64(chance)))
      var now = Self.at(1)
      var actions = machine.acquire(1, now: now)
      for attempt in 0..<40 {
        guard case .connect(let number)? = actions.first else { return #expect(Bool(false), "no attempt") }
        #expect(machine.connectFailed(number, Self.down, now: now) == [])
        let next = machine.nextDeadline ?? now
        let full = Duration.milliseconds(100) * (1 << min(attempt, 20))
        let pause = next.since(now)
        #expect(pause >= min(full, .seconds(3)) / 2 && pause <= min(full, .seconds(3)))
        now = next
        actions = machine.tick(now: now)
      }
    }
  }

  @Test func neverHandsOutMoreThanItHas() {
    let random = SeededRandom(seed: 4)
    var machine = Self.machine { $0.connectionsMaximum = 3 }
    var (connecting, used, waiting) = (Set<Int>(), Set<Int>(), Set<Int>())
    var answered = 0
    for step in 1...20_000 {
      let event: Event? =
        switch random.next(below: 8) {
        case 0, 1, 2: .acquire(step)
        case 3: waiting.min().map { .cancel($0) }
        case 4: connecting.min().map { random.next(below: 3) == 0 ? .failed($0) : .connected($0) }
        case 5: used.min().map { .release($0, isUsable: random.next(below: 2) == 0) }
        case 6: used.max().map { .release($0) }
        default: .tick
        }
      guard let event else { continue }
      switch event {
      case .acquire(let waiter): waiting.insert(waiter)
      case .connected(let number), .failed(let number): connecting.remove(number)
      case .release(let number, _): used.remove(number)
      default: break
      }
      for action in Self.happen(event, &machine, at: UInt64(step) / 4) {
        switch action {
        case .connect(let number): connecting.insert(number)
        case .hand(let number, let waiter):
          #expect(used.insert(number).inserted && waiting.remove(waiter) != nil)
          answered += 1
        case .fail(let waiter, _): #expect(waiting.remove(waiter) != nil)
        case .close(let number): #expect(!used.contains(number) && !connecting.contains(number))
        case .ended: Issue.record("nobody closed it")
        }
      }
      #expect(machine.connectionCount <= 3 && machine.usedCount == used.count)
      #expect(machine.connectingCount == connecting.count && machine.waiterCount == waiting.count)
      // Nobody waits while something is idle.
      #expect(machine.idleCount == 0 || machine.waiterCount == 0)
    }
    #expect(answered > 1000)
  }
}
