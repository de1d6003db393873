import Testing

@testable import Runtime

@Suite("TimerQueue") struct TimerQueueTests {
  private func at(_ nanoseconds: UInt64) -> MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds) }

  @Test func expiresInOrderOfDeadlineThenOfSetting() {
    var queue = TimerQueue<String>()
    _ = queue.schedule(at: at(20), "b")
    _ = queue.schedule(at: at(10), "a")
    _ = queue.schedule(at: at(20), "c")
    #expect(queue.next == at(10))
    let tooEarly = queue.popExpired(at(9))
    #expect(tooEarly == nil)
    var order: [String] = []
    while let (_, payload) = queue.popExpired(at(20)) { order.append(payload) }
    #expect(order == ["a", "b", "c"])
    #expect(queue.next == nil)
  }

  @Test func aHandleIsGoodForOneLife() {
    var queue = TimerQueue<Int>()
    let first = queue.schedule(at: at(1), 1)
    let expired = queue.popExpired(at(1))
    #expect(expired?.payload == 1)
    let second = queue.schedule(at: at(5), 2)
    let cancelled = queue.cancel(first)
    #expect(!cancelled)
    let moved = queue.reschedule(first, at: at(0))
    #expect(!moved)
    #expect(queue.next == at(5))
    let movedNow = queue.reschedule(second, at: at(3))
    #expect(movedNow)
    #expect(queue.next == at(3))
    let cancelledNow = queue.cancel(second)
    #expect(cancelledNow)
    let cancelledTwice = queue.cancel(second)
    #expect(!cancelledTwice)
    #expect(queue.count == 0)
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func agreesWithASortedList(_ seed: UInt64) {
    let random = SeededRandom(seed: seed)
    var queue = TimerQueue<Int>()
    var model: [(deadline: UInt64, order: Int, payload: Int)] = []
    var handles: [Int: TimerQueue<Int>.Handle] = [:]
    var now: UInt64 = 0
    for step in 0..<5_000 {
      switch random.next(below: 10) {
      case 0...4:
        let deadline = now + random.next(below: 200)
        handles[step] = queue.schedule(at: at(deadline), step)
        model.append((deadline, step, step))
      case 5...6:
        guard let index = model.indices.randomElement(from: random),
          let handle = handles[model[index].payload]
        else { continue }
        let deadline = now + random.next(below: 200)
        let isMoved = queue.reschedule(handle, at: at(deadline))
        #expect(isMoved)
        model[index] = (deadline, step, model[index].payload)
      case 7:
        guard let index = model.indices.randomElement(from: random),
          let handle = handles[model[index].payload]
        else { continue }
        let isCancelled = queue.cancel(handle)
        #expect(isCancelled)
        model.remove(at: index)
      default:
        now += random.next(below: 50)
        var expired: [Int] = []
        while let (deadline, payload) = queue.popExpired(at(now)) {
          #expect(deadline <= at(now))
          expired.append(payload)
        }
        let due = model.filter { $0.deadline <= now }.sorted {
          ($0.deadline, $0.order) < ($1.deadline, $1.order)
        }
        #expect(expired == due.map(\.payload))
        model.removeAll { $0.deadline <= now }
      }
      #expect(queue.count == model.count)
      #expect(queue.next?.nanoseconds == model.map(\.deadline).min())
    }
  }
}

extension Range where Bound == Int {
  fileprivate func randomElement(from random: SeededRandom) -> Int? {
    isEmpty ? nil : lowerBound + Int(random.next(below: UInt64(count)))
  }
}
