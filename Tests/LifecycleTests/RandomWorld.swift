// A world that obeys the machine but decides itself what succeeds, and when: services that start, fail,
// crash and stop at random, and signals at any moment.

import Runtime

@testable import Lifecycle

struct RandomWorld {
  private let random: SeededRandom
  private var machine: LifecycleStateMachine
  /// What services could do next.
  private var possible: [LifecycleStateMachine.Event] = []
  private var stopping: Set<Int> = []
  private(set) var finishes = 0
  private(set) var starts: [Int] = []
  private(set) var stops: [Int] = []
  /// Services whose start succeeded after it was cancelled; they are stopped before their turn.
  private(set) var lateStarts: Set<Int> = []

  init(seed: UInt64, services: Int) {
    random = SeededRandom(seed: seed)
    machine = LifecycleStateMachine(serviceCount: services)
  }

  mutating func play() {
    take(.begun)
    var steps = 0
    while finishes == 0 {
      steps += 1
      let chance = random.next(below: 100)
      if steps > 60 || chance < 8 {
        take(.stopRequested(signal: 15))
      } else if chance < 10 {
        take(.reloadRequested)
      } else if chance < 12 {
        take(.deadlinePassed)
      } else if !possible.isEmpty {
        let event = possible.remove(at: Int(random.next(below: UInt64(possible.count))))
        if case .ended(let index, cause: nil) = event, !stopping.contains(index), chance < 80 {
          possible.append(event)  // Most services do not end by themselves.
        } else {
          exclude(event)
          take(event)
        }
      }
    }
    // Late news change nothing.
    for event in possible { take(event) }
  }

  /// A start ends one way or the other; so does a run.
  private mutating func exclude(_ event: LifecycleStateMachine.Event) {
    switch event {
    case .started(let index), .startFailed(let index, _):
      possible.removeAll { $0 == .started(index) || $0 == .startFailed(index, cause: "no") }
      if event == .started(index), stopping.contains(-1) { lateStarts.insert(index) }
    case .ended(let index, _):
      possible.removeAll { $0 == .ended(index, cause: nil) || $0 == .ended(index, cause: "crash") }
    default:
      break
    }
  }

  private mutating func take(_ event: LifecycleStateMachine.Event) {
    for action in machine.handle(event) {
      switch action {
      case .start(let index):
        starts.append(index)
        possible += [.started(index), .startFailed(index, cause: "no")]
      case .run(let index): possible += [.ended(index, cause: nil), .ended(index, cause: "crash")]
      case .stop(let index):
        stops.append(index)
        stopping.insert(index)
        possible.append(.stopReturned(index))
      case .beginStopping: stopping.insert(-1)
      case .reload: possible.append(.reloaded)
      case .finish: finishes += 1
      default: break
      }
    }
  }
}
