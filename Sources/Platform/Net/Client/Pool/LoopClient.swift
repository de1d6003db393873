// The part of a client that lives on one loop: its pools, by origin.

import Runtime

/// What all parts of a client share.
final class ClientSettings: Sendable {
  let configuration: HTTPClient.Configuration
  let time: any TimeSource
  let random: any RandomSource
  let metrics: HTTPClientMetrics?

  init(
    _ configuration: HTTPClient.Configuration, time: any TimeSource, random: any RandomSource,
    metrics: HTTPClientMetrics?
  ) {
    self.configuration = configuration
    self.time = time
    self.random = random
    self.metrics = metrics
  }
}

/// The pools of one loop.
///
/// `@unchecked Sendable`: used on its loop only.
final class LoopClient: @unchecked Sendable {
  let loop: EventLoop
  let settings: ClientSettings
  private var pools: [Origin: OriginPool] = [:]
  private var isShutDown = false
  /// Who waits for the last pool to be gone.
  private var leavers: [LoopSignal] = []

  init(_ loop: EventLoop, _ settings: ClientSettings) {
    self.loop = loop
    self.settings = settings
  }

  /// The pool of an origin.
  func pool(for origin: Origin) throws(HTTPClientError) -> OriginPool {
    if isShutDown { throw .shutDown }
    if let pool = pools[origin] { return pool }
    let pool = OriginPool(origin, self)
    pools[origin] = pool
    return pool
  }

  /// Lets go of a pool that has nothing in it.
  func mayForget(_ pool: OriginPool) {
    guard pool.isForgettable, pools[pool.origin] === pool else { return }
    pools[pool.origin] = nil
    if pools.isEmpty { for leaver in leavers { leaver.wake() } }
  }

  // MARK: The end

  /// Takes no more requests, and waits until those under way are over; cuts what is left at `deadline`.
  ///
  /// - Returns: how many connections were cut.
  func shutDown(until deadline: MonotonicInstant) async -> Int {
    close()
    let signal = LoopSignal(loop)
    leavers.append(signal)
    while !pools.isEmpty {
      if await signal.wait(until: deadline) != .woken { break }
    }
    leavers.removeAll { $0 === signal }
    let cut = pools.values.reduce(0) { $0 + $1.connectionCount }
    for pool in pools.values { pool.abort() }
    return cut
  }

  /// Takes no more requests.
  func close() {
    isShutDown = true
    for pool in Array(pools.values) {
      pool.close()
      mayForget(pool)
    }
  }
}
