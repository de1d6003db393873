// Every decision as a table: what happened, and what is to be done.

import Testing

@testable import Lifecycle

typealias Machine = LifecycleStateMachine

@Suite("Lifecycle state machine") struct LifecycleStateMachineTests {
  /// A story: events, each with the actions it must lead to.
  struct Story: Sendable, CustomTestStringConvertible {
    let name: String
    let services: Int
    let steps: [(LifecycleStateMachine.Event, [LifecycleStateMachine.Action])]
    var testDescription: String { name }
  }

  /// The events that bring two services up.
  static let upTwo: [(LifecycleStateMachine.Event, [LifecycleStateMachine.Action])] = [
    (.begun, [.start(0)]),
    (.started(0), [.run(0), .start(1)]),
    (.started(1), [.run(1), .announceReady]),
  ]

  static let stories: [Story] = [
    Story(
      name: "a node without services is ready at once, and stops at once", services: 0,
      steps: [
        (.begun, [.announceReady]),
        (.stopRequested(signal: 15), [.beginStopping(signal: 15), .finish(.stopped, unstopped: [])]),
      ]),
    Story(
      name: "services start in order and stop in reverse", services: 2,
      steps: upTwo + [
        (.stopRequested(signal: 15), [.beginStopping(signal: 15), .stop(1)]),
        (.stopReturned(1), [.cancelRun(1)]),
        (.ended(1, cause: nil), [.announceStopped(1), .stop(0)]),
        (.ended(0, cause: nil), []),
        (.stopReturned(0), [.announceStopped(0), .finish(.stopped, unstopped: [])]),
      ]),
    Story(
      name: "the program may ask, and asking again changes nothing", services: 1,
      steps: [
        (.begun, [.start(0)]), (.started(0), [.run(0), .announceReady]),
        (.stopRequested(signal: nil), [.beginStopping(signal: nil), .stop(0)]),
        (.stopRequested(signal: nil), []),
        (.stopRequested(signal: 2), []),
        (.stopReturned(0), [.cancelRun(0)]),
        (.ended(0, cause: nil), [.announceStopped(0), .finish(.stopped, unstopped: [])]),
      ]),
    Story(
      name: "a second signal forces the end and names who was waited for", services: 2,
      steps: upTwo + [
        (.stopRequested(signal: 15), [.beginStopping(signal: 15), .stop(1)]),
        (.stopRequested(signal: 2), [.finish(.forced(signal: 2), unstopped: [1, 0])]),
        (.stopReturned(1), []), (.ended(1, cause: nil), []), (.stopRequested(signal: 2), []),
      ]),
    Story(
      name: "after a crash the first signal does not force, the second does", services: 2,
      steps: upTwo + [
        (
          .ended(0, cause: "gone"),
          [.announceFailure(0, cause: "gone"), .beginStopping(signal: nil), .stop(1)]
        ),
        (.stopRequested(signal: 15), []),
        (.stopRequested(signal: 15), [.finish(.forced(signal: 15), unstopped: [1])]),
      ]),
    Story(
      name: "a failing start stops those that run, in reverse", services: 4,
      steps: upTwo.prefix(2) + [
        (.started(1), [.run(1), .start(2)]),
        (
          .startFailed(2, cause: "port taken"),
          [.announceFailure(2, cause: "port taken"), .beginStopping(signal: nil), .stop(1)]
        ),
        (.stopReturned(1), [.cancelRun(1)]),
        (.ended(1, cause: nil), [.announceStopped(1), .stop(0)]),
        (.stopReturned(0), [.cancelRun(0)]),
        (
          .ended(0, cause: nil),
          [.announceStopped(0), .finish(.startFailed(2, cause: "port taken"), unstopped: [])]
        ),
      ]),
    Story(
      name: "the first start failing ends the node", services: 2,
      steps: [
        (.begun, [.start(0)]),
        (
          .startFailed(0, cause: "x"),
          [
            .announceFailure(0, cause: "x"), .beginStopping(signal: nil),
            .finish(.startFailed(0, cause: "x"), unstopped: []),
          ]
        ),
      ]),
    Story(
      name: "a service that throws takes the node down", services: 2,
      steps: upTwo + [
        (
          .ended(1, cause: "gone"),
          [.announceFailure(1, cause: "gone"), .beginStopping(signal: nil), .stop(0)]
        ),
        (.stopReturned(0), [.cancelRun(0)]),
        (.ended(0, cause: nil), [.announceStopped(0), .finish(.crashed(1, cause: "gone"), unstopped: [])]),
      ]),
    Story(
      name: "a service that ends without being asked has crashed", services: 1,
      steps: [
        (.begun, [.start(0)]), (.started(0), [.run(0), .announceReady]),
        (
          .ended(0, cause: nil),
          [
            .announceFailure(0, cause: Machine.endedUnasked), .beginStopping(signal: nil),
            .finish(.crashed(0, cause: Machine.endedUnasked), unstopped: []),
          ]
        ),
      ]),
    Story(
      name: "of two crashes the first is the cause", services: 2,
      steps: upTwo + [
        (.ended(0, cause: "a"), [.announceFailure(0, cause: "a"), .beginStopping(signal: nil), .stop(1)]),
        (.ended(1, cause: "b"), [.announceFailure(1, cause: "b")]),
        (.stopReturned(1), [.announceStopped(1), .finish(.crashed(0, cause: "a"), unstopped: [])]),
      ]),
    Story(
      name: "failing while stopping is a crash, and the others are still stopped", services: 2,
      steps: upTwo + [
        (.stopRequested(signal: 15), [.beginStopping(signal: 15), .stop(1)]),
        (.ended(1, cause: "half written"), [.announceFailure(1, cause: "half written")]),
        (.stopReturned(1), [.announceStopped(1), .stop(0)]),
        (.ended(0, cause: nil), []),
        (
          .stopReturned(0), [.announceStopped(0), .finish(.crashed(1, cause: "half written"), unstopped: [])]
        ),
      ]),
    Story(
      name: "a service that ends before its turn to stop is not stopped again", services: 2,
      steps: upTwo + [
        (.stopRequested(signal: 15), [.beginStopping(signal: 15), .stop(1)]),
        (.ended(0, cause: nil), [.announceFailure(0, cause: Machine.endedUnasked)]),
        (.stopReturned(1), [.cancelRun(1)]),
        (
          .ended(1, cause: nil),
          [.announceStopped(1), .finish(.crashed(0, cause: Machine.endedUnasked), unstopped: [])]
        ),
      ]),
    Story(
      name: "a signal while starting cancels the start, then stops the others", services: 3,
      steps: upTwo.prefix(2) + [
        (.stopRequested(signal: 2), [.beginStopping(signal: 2), .cancelStart(1)]),
        (.startFailed(1, cause: "cancelled"), [.announceAbandoned(1, cause: "cancelled"), .stop(0)]),
        (.stopReturned(0), [.cancelRun(0)]),
        (.ended(0, cause: nil), [.announceStopped(0), .finish(.stopped, unstopped: [])]),
      ]),
    Story(
      name: "a start that succeeds all the same is stopped without having run", services: 3,
      steps: upTwo.prefix(2) + [
        (.stopRequested(signal: 2), [.beginStopping(signal: 2), .cancelStart(1)]),
        (.started(1), [.stop(1)]),
        (.stopReturned(1), [.announceStopped(1), .stop(0)]),
        (.stopReturned(0), [.cancelRun(0)]),
        (.ended(0, cause: nil), [.announceStopped(0), .finish(.stopped, unstopped: [])]),
      ]),
    Story(
      name: "a crash while another starts cancels the start", services: 2,
      steps: upTwo.prefix(2) + [
        (
          .ended(0, cause: "gone"),
          [.announceFailure(0, cause: "gone"), .beginStopping(signal: nil), .cancelStart(1)]
        ),
        (
          .startFailed(1, cause: "cancelled"),
          [
            .announceAbandoned(1, cause: "cancelled"), .finish(.crashed(0, cause: "gone"), unstopped: []),
          ]
        ),
      ]),
    Story(
      name: "at the deadline the one that was waited for is named first", services: 3,
      steps: upTwo.prefix(2) + [
        (.started(1), [.run(1), .start(2)]),
        (.started(2), [.run(2), .announceReady]),
        (.stopRequested(signal: 15), [.beginStopping(signal: 15), .stop(2)]),
        (.stopReturned(2), [.cancelRun(2)]),
        (.ended(2, cause: nil), [.announceStopped(2), .stop(1)]),
        (.stopReturned(1), [.cancelRun(1)]),
        (.deadlinePassed, [.finish(.overdue, unstopped: [1, 0])]),
      ]),
    Story(
      name: "a hanging start is overdue at the deadline", services: 2,
      steps: upTwo.prefix(2) + [
        (.stopRequested(signal: 15), [.beginStopping(signal: 15), .cancelStart(1)]),
        (.deadlinePassed, [.finish(.overdue, unstopped: [1, 0])]),
      ]),
    Story(
      name: "at the deadline a crash stays the cause", services: 2,
      steps: upTwo + [
        (
          .ended(1, cause: "gone"),
          [.announceFailure(1, cause: "gone"), .beginStopping(signal: nil), .stop(0)]
        ),
        (.deadlinePassed, [.finish(.crashed(1, cause: "gone"), unstopped: [0])]),
      ]),
    Story(
      name: "a deadline while nothing stops is none", services: 2,
      steps: upTwo + [(.deadlinePassed, [])]),
    Story(
      name: "a reload runs once at a time, and once more for those asked meanwhile", services: 2,
      steps: upTwo + [
        (.reloadRequested, [.reload]),
        (.reloadRequested, []), (.reloadRequested, []),
        (.reloaded, [.reload]),
        (.reloaded, []),
      ]),
    Story(
      name: "a reload asked for while starting waits until the node is ready", services: 1,
      steps: [
        (.begun, [.start(0)]), (.reloadRequested, []), (.started(0), [.run(0), .announceReady, .reload]),
      ]),
    Story(
      name: "a stopping node does not reload", services: 1,
      steps: [
        (.begun, [.start(0)]), (.started(0), [.run(0), .announceReady]),
        (.reloadRequested, [.reload]),
        (.stopRequested(signal: 15), [.beginStopping(signal: 15), .stop(0)]),
        (.reloadRequested, []), (.reloaded, []),
      ]),
  ]

  @Test("Event to action", arguments: stories)
  func tell(story: Story) {
    var machine = LifecycleStateMachine(serviceCount: story.services)
    for (number, (event, actions)) in story.steps.enumerated() {
      #expect(machine.handle(event) == actions, "step \(number): \(event)")
    }
  }

  @Test("What cannot happen is a programmer's error", arguments: 0..<4)
  func impossible(number: Int) async {
    await #expect(processExitsWith: .failure) { [number] in
      var machine = LifecycleStateMachine(serviceCount: 1)
      let events: [LifecycleStateMachine.Event] = [
        .started(0), .ended(0, cause: nil), .stopReturned(0), .begun,
      ]
      if number == 3 { _ = machine.handle(.begun) }
      _ = machine.handle(events[number])
    }
  }

  /// Whatever order things come in, the node ends exactly once, and nothing is stopped twice.
  @Test("Random stories end well", arguments: 0..<200 as Range<UInt64>)
  func random(seed: UInt64) {
    var world = RandomWorld(seed: seed, services: Int(seed % 5))
    world.play()
    #expect(world.finishes == 1)
    #expect(world.stops.count == Set(world.stops).count)
    #expect(world.starts == Array(0..<world.starts.count))
    #expect(
      world.stops.filter { !world.lateStarts.contains($0) }
        == world.stops.filter { !world.lateStarts.contains($0) }.sorted(by: >))
  }
}
