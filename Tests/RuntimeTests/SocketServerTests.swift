import Bytes
import Glibc
import Testing

@testable import Runtime

@Suite("SocketServer") struct SocketServerTests {
  /// Waits for a byte until the server drains, then says goodbye.
  @Sendable static func polite(_ connection: consuming Connection, echoed: TestCounter = TestCounter()) async
  {
    var connection = connection
    do throws(NetworkError) {
      while true {
        do throws(NetworkError) {
          if try await connection.receive(yieldsToDraining: true) == 0 { return }
        } catch {
          guard error == .draining, connection.isDraining else { throw error }
          connection.output.append("bye")
          try await connection.finishWriting()
          return
        }
        connection.write(connection.input.split(connection.input.count))
        try await connection.flush()
        echoed.add()
      }
    } catch {
      Issue.record(error)
    }
  }

  /// Never heard of draining; waits for its peer as long as it is let.
  @Sendable static func stubborn(_ connection: consuming Connection) async {
    var connection = connection
    do throws(NetworkError) {
      while try await connection.receive() > 0 { connection.input.clear() }
    } catch {
      return
    }
  }

  /// Connects and stays, sending what it is told; returns what came until the server hung up.
  private func caller(_ group: EventLoopGroup, _ address: SocketAddress, says: String = "") -> Task<
    [UInt8]?, Never
  > {
    Task {
      try? await group.next().run { () async throws(NetworkError) in
        var connection = try await onThisLoop().connect(to: address)
        connection.output.append(says)
        try await connection.flush()
        do throws(NetworkError) { return try await connection.receiveAll() } catch {
          guard error == .closed else { throw error }
          return []
        }
      }
    }
  }

  @Test func drainsWhoeverIsWillingWithoutCuttingAnybody() async throws {
    try await withLoops(2) { group in
      let echoed = TestCounter()
      let server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group) { connection in
        await Self.polite(connection, echoed: echoed)
      }
      let callers = (0..<20).map { caller(group, server.address, says: $0 % 2 == 0 ? "" : "hello ") }
      // What is said while a server hangs up may be lost, so all of it is answered first.
      await waitUntil { server.statistics.accepted == 20 && echoed.value == 10 }
      #expect(await server.drain(within: .seconds(60)) == 0)
      #expect(server.statistics.open == 0)
      for (index, caller) in callers.enumerated() {
        let received = await caller.value
        #expect(
          received.map { String(decoding: $0, as: UTF8.self).hasSuffix("bye") } == true, "caller \(index)")
      }
      // Nobody listens any more.
      #expect(await self.caller(group, server.address).value == nil)
    }
  }

  @Test func cutsThoseWhoStayWhenPatienceIsOver() async throws {
    let time = ManualTime()
    try await withLoops(2, time: time) { group in
      let server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group, handler: Self.stubborn)
      let callers = (0..<7).map { _ in caller(group, server.address) }
      await waitUntil { server.statistics.open == 7 }
      async let cut = server.drain(within: .seconds(30))
      await waitUntil { group.loops.contains { $0.statistics.timers > 0 } }
      #expect(server.statistics.open == 7)
      time.advance(by: .seconds(30))
      #expect(await cut == 7)
      for caller in callers { #expect(await caller.value == []) }
      await waitUntil { server.statistics.open == 0 }
    }
  }

  @Test func drainsAtOnceWhenNobodyIsThere() async throws {
    try await withLoops(time: ManualTime()) { group in
      let path = temporaryPath("drain")
      let server = try SocketServer(listeningAt: .unix(path: path), on: group, handler: echo)
      #expect(access(path, F_OK) == 0)
      #expect(await server.drain(within: .seconds(30)) == 0)
      #expect(access(path, F_OK) != 0)
    }
  }

  @Test func tellsAConnectionThatBeginsWhileItDrains() async throws {
    try await withLoops { group in
      let seen = TestCounter()
      let server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group) { connection in
        var connection = connection
        do throws(NetworkError) { _ = try await connection.receive(yieldsToDraining: true) } catch {
          if error == .draining { seen.add() }
        }
      }
      server.state.withLock { $0.isDraining = true }
      let late = caller(group, server.address)
      #expect(await late.value == [])
      #expect(seen.value == 1)
      await server.drain(within: .zero)
    }
  }

  @Test func acceptsNoMoreThanTheCap() async throws {
    try await withLoops(2) { group in
      var limits = SocketServer.Limits()
      limits.connectionsMaximum = 3
      let open = TestCounter()
      let most = Locked(0)
      let server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group, limits: limits) {
        connection in
        open.add()
        most.withLock { $0 = max($0, open.value) }
        await echo(connection)
        open.add(-1)
      }
      let address = server.address
      let answered = TestCounter()
      await withTaskGroup(of: Void.self) { tasks in
        for number in 0..<40 {
          tasks.addTask {
            let received = try? await group.next().run { () async throws(NetworkError) in
              var connection = try await onThisLoop().connect(to: address)
              connection.output.append("caller \(number)")
              try await connection.finishWriting()
              return try await connection.receiveAll()
            }
            if received == Array("caller \(number)".utf8) { answered.add() }
          }
        }
      }
      #expect(answered.value == 40)
      #expect(most.withLock { $0 } <= 3)
      #expect(server.statistics.accepted == 40)
      await server.drain(within: .seconds(5))
    }
  }

  @Test func turnsAwayAnAddressThatHasTooMany() async throws {
    try await withLoops { group in
      var limits = SocketServer.Limits()
      limits.connectionsPerAddressMaximum = 2
      let server = try SocketServer(
        listeningAt: .ip(.loopbackV4, port: 0), on: group, limits: limits
      ) { connection in
        await Self.polite(connection)
      }
      let first = [caller(group, server.address), caller(group, server.address)]
      await waitUntil { server.statistics.open == 2 }
      #expect(await caller(group, server.address).value == [])
      #expect(server.statistics.refused == 1)
      await server.drain(within: .seconds(60))
      for caller in first { #expect(await caller.value == Array("bye".utf8)) }
      #expect(server.state.withLock { $0.perAddress.isEmpty })
    }
  }

  @Test func dealsTheConnectionsOfAUnixSocketOutToAllLoops() async throws {
    try await withLoops(3) { group in
      let seen = Locked<Set<Int>>([])
      let server = try SocketServer(listeningAt: .unix(path: "@" + temporaryPath("deal")), on: group) {
        connection in
        let index = connection.loop.index
        seen.withLock { _ = $0.insert(index) }
      }
      for _ in 0..<6 { #expect(await caller(group, server.address).value == []) }
      #expect(seen.withLock { $0 } == [0, 1, 2])
      await server.drain(within: .seconds(5))
    }
  }

  @Test func refusesASecondServerOnItsPort() async throws {
    try await withLoops(2) { group in
      let first = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group, handler: echo)
      #expect(throws: NetworkError.addressInUse(first.address)) {
        try SocketServer(listeningAt: first.address, on: group, handler: echo)
      }
      await first.drain(within: .zero)
    }
  }

  @Test func outlivesRunningOutOfDescriptors() async throws {
    await #expect(processExitsWith: .success) {
      // A child that hangs would outlive the test.
      alarm(60)
      let group = try EventLoopGroup(.init(loops: 1))
      let server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group, handler: echo)
      // A client made before, so that only accepting lacks a descriptor.
      let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      // No further descriptor for anybody, whatever the child inherited and whoever closes one meanwhile.
      let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
      var limit = rlimit()
      precondition(getrlimit(kind, &limit) == 0)
      let usual = limit.rlim_cur
      limit.rlim_cur = 0
      precondition(setrlimit(kind, &limit) == 0)
      precondition(dup(client) < 0 && errno == EMFILE)
      precondition(server.address.withKernelForm { connect(client, $0, $1) } == 0)
      precondition(send(client, "hello", 5, 0) == 5)
      let loop = group.loops[0]
      let before = loop.statistics
      // The acceptor is in its pause, a timer.
      while loop.statistics.timers == 0 { usleep(500) }  // lint:allow-sleep
      // Whether it spins shows only over a while.
      usleep(120_000)  // lint:allow-sleep
      let turns = loop.statistics.turns - before.turns
      precondition(turns < 50, "it spins: \(turns) turns")
      precondition(server.statistics.accepted == 0)
      limit.rlim_cur = usual
      precondition(setrlimit(kind, &limit) == 0)
      var answer = [UInt8](repeating: 0, count: 5)
      precondition(recv(client, &answer, 5, Int32(MSG_WAITALL)) == 5)
      precondition(answer == Array("hello".utf8))
      close(client)
      let cut = await server.drain(within: .seconds(5))
      precondition(cut == 0)
      await group.shutdown()
      exit(0)
    }
  }
}
