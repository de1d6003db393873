// The loops of a process: one a core, and the pool they send blocking work to.

import CLinux
import Glibc
import Synchronization

/// Loops that share the work. A connection stays on the loop that it was given to.
public final class EventLoopGroup: Sendable {
  /// How the group is laid out.
  public struct Configuration: Sendable {
    /// How many loops there are.
    public var loops: Int
    /// How many threads may block for them at once.
    public var poolThreads = 8
    /// How many pieces of blocking work may wait for a thread.
    public var poolQueueLimit = 4096
    /// What threads are called.
    public var name = "varve"
    /// Where the time comes from.
    public var time: any TimeSource = SystemTime()

    /// One loop for each core that the process may use.
    public init(loops: Int = EventLoopGroup.coreCount) { self.loops = loops }
  }

  /// The loops, by index.
  public let loops: [EventLoop]
  /// Where the loops send what may block.
  public let pool: BlockingPool

  private let turn = Atomic(0)

  /// Starts the loops.
  public init(_ configuration: Configuration = Configuration()) throws(NetworkError) {
    precondition(configuration.loops > 0, "a group has a loop")
    do {
      pool = try BlockingPool(
        name: "\(configuration.name)-io", threads: configuration.poolThreads,
        queueLimit: configuration.poolQueueLimit)
    } catch {
      throw .thread(error)
    }
    var loops: [EventLoop] = []
    do throws(NetworkError) {
      for index in 0..<configuration.loops {
        loops.append(
          try EventLoop.start(
            index: index, name: "\(configuration.name)-loop", pool: pool, time: configuration.time))
      }
    } catch {
      for loop in loops { loop.post(.stop) }
      throw error
    }
    self.loops = loops
  }

  deinit {
    // Nobody can reach the loops any more but through their own tasks: those are cancelled, and the threads
    // end after them.
    for loop in loops { loop.post(.stop) }
  }

  /// A loop, each in its turn.
  public func next() -> EventLoop {
    let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    return loops[Int(UInt(bitPattern: turn) % UInt(loops.count))]
  }

  /// Cancels what runs on the loops, waits for its end, then stops the loops and the pool.
  public func shutdown() async {
    for loop in loops { loop.post(.stop) }
    for loop in loops { await loop.shutdown() }
    await pool.shutdown()
  }

  /// How many cores the process may use.
  public static var coreCount: Int { max(1, Int(clinux_core_count())) }
}
