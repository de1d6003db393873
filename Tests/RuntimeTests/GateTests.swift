import Testing

@testable import Runtime

@Suite("Gate") struct GateTests {
  @Test func letsThroughAsManyAsThereArePlacesAndThenInOrder() async throws {
    let gate = Gate(places: 2)
    let order = Locked<[Int]>([])
    try await gate.enter()
    try await gate.enter()
    var tasks: [Task<Void, any Error>] = []
    for index in 0..<3 {
      tasks.append(
        Task {
          try await gate.enter()
          order.withLock { $0.append(index) }
        })
      await waitUntil { gate.waiting == index + 1 }
    }
    for index in 0..<3 {
      #expect(order.withLock { $0.count } == index)
      gate.leave()
      try await tasks[index].value
    }
    #expect(order.withLock { $0 } == [0, 1, 2])
  }

  @Test func aCancelledWaiterTakesNoPlace() async throws {
    let gate = Gate(places: 0)
    let cancelled = Task { try await gate.enter() }
    await waitUntil { gate.waiting == 1 }
    let patient = Task { try await gate.enter() }
    await waitUntil { gate.waiting == 2 }
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    gate.leave()
    try await patient.value
    #expect(gate.waiting == 0)
  }

  @Test func losesNoPlaceUnderRandomCancels() async throws {
    let gate = Gate(places: 3)
    let inside = TestCounter()
    let random = SeededRandom(seed: 5)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<2_000 {
        let isCancelled = random.next(below: 4) == 0
        group.addTask {
          let task = Task {
            try await gate.enter()
            inside.add()
            #expect(inside.value <= 3)
            await Task.yield()
            inside.add(-1)
            gate.leave()
          }
          if isCancelled { task.cancel() }
          _ = await task.result
        }
      }
    }
    for _ in 0..<3 { try await gate.enter() }
    #expect(gate.waiting == 0)
  }
}
