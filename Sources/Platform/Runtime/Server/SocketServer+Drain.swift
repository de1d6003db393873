// Ending a server: first politely, then not.

import Glibc

extension SocketServer {
  /// Stops accepting, tells every connection to come to an end, waits, and cancels those that have not.
  ///
  /// A handler learns of it where it waits with `yieldsToDraining`, and from `isDraining`. Call it once, and
  /// not from a handler.
  ///
  /// - Parameter patience: how long to wait for the handlers.
  /// - Returns: how many connections were cut. Their tasks end at their next wait; the loops' shutdown waits
  ///   for them.
  @discardableResult
  public func drain(within patience: Duration) async -> Int {
    let acceptors = state.withLock { state in
      defer { state.acceptors = [] }
      return state.acceptors
    }
    for acceptor in acceptors { acceptor.cancel() }
    for acceptor in acceptors { await acceptor.value }
    let connections = state.withLock { state in
      state.isDraining = true
      // The last owners: this closes the listening sockets and removes their files.
      state.sockets = []
      return Array(state.connections.values)
    }
    for connection in connections {
      // Those without a descriptor have yet to begin, and will see the flag.
      guard let (descriptor, generation) = connection.descriptor else { continue }
      connection.loop.post { $0.drain(descriptor, generation: generation) }
    }
    await waitForHandlers(patience)
    let rest = state.withLock { Array($0.connections.values) }
    for connection in rest { connection.task.cancel() }
    return rest.count
  }

  /// Returns when no connection is open, or `patience` is over.
  private func waitForHandlers(_ patience: Duration) async {
    let timer = group.loops[0].spawnUnlessEnded {
      // However the sleep ends: a timer that the stopping loop cancels is over too.
      defer { self.stopWaiting() }
      do { try await self.group.loops[0].sleep(for: patience) } catch { return }
    }
    await suspend { (waiter: Waiter<Void>) in
      let isOver = state.withLock { state in
        if state.connections.isEmpty || state.isPatienceOver || timer == nil { return true }
        state.drainWaiters.append(waiter)
        return false
      }
      if isOver { waiter.resume() }
    }
    timer?.cancel()
  }

  private func stopWaiting() {
    let waiters = state.withLock { state in
      state.isPatienceOver = true
      defer { state.drainWaiters = [] }
      return state.drainWaiters
    }
    for waiter in waiters { waiter.resume() }
  }
}
