// The reading half of a connection of HTTP/2, which also keeps its time: deadlines of streams are looked at when
// something arrives and once a second.

import Bytes
import HTTP
import HTTP2
import Runtime
import TLS
import Telemetry

extension HTTP2Connection {
  /// How exactly the deadlines of streams are kept, and how long the answer to our PING may take.
  private static let tickNanoseconds: UInt64 = 1_000_000_000
  /// Tasks for each stream that may be open: those whose streams were reset go on until their handlers notice.
  private static let tasksPerStream = 2

  /// Why reading stopped.
  private enum Ending {
    /// What is left may be sent.
    case orderly
    /// The connection is gone.
    case lost
  }

  /// Reads until the connection ends, and waits for the streams' tasks.
  func read(_ half: consuming TransportReader) async {
    var half = half
    await withDiscardingTaskGroup { group in
      let ending = await serve(&half, &group)
      switch ending {
      case .lost:
        lose()
        group.cancelAll()
      case .orderly:
        stage = .ending
        session.abandon()
        wakeWriter()
        await linger(&half)
        group.cancelAll()
      }
    }
    // What the library found by itself is known since its GOAWAY was written.
    if let violation = session.violation {
      context.metrics.refused(violation.label)
      context.logger.debug("connection refused", ["cause": .error(violation)])
    }
  }

  private func serve(_ half: inout TransportReader, _ group: inout DiscardingTaskGroup) async -> Ending {
    let began = loop.now
    var (idleSince, announcedAt) = (began, began)
    while true {
      takeIn(&half.input)
      for event in session.takeEvents() {
        switch event {
        case .requested(let stream): begin(stream, &group)
        case .pong: if case .announced = stage { leave() }
        case .goingAway: break
        }
      }
      if session.streamsOpened >= context.configuration.requestsPerConnectionMaximum {
        announce(&announcedAt)
      }
      session.expire(now: loop.now.nanoseconds)
      if session.wantsToSend { wakeWriter() }
      if session.violation != nil { return .orderly }
      // Once it was told to leave, a client may have to be heard though it has no streams.
      if case .serving = stage, !session.wantsToReceive { return .orderly }
      let isIdle = tasks == 0 && session.streams.isEmpty
      if !isIdle { idleSince = loop.now }
      if isIdle, case .leaving = stage { return .orderly }
      do throws(NetworkError) {
        let deadline = nextDeadline(began, idleSince: isIdle ? idleSince : nil)
        let count = try await half.receive(until: deadline, yieldsToDraining: !isDraining)
        if count == 0 { return .lost }
      } catch {
        switch error {
        case .draining: announce(&announcedAt)
        case .timedOut:
          if !checkTime(began, idleSince: isIdle ? idleSince : nil, announcedAt) { return .orderly }
        default:
          ended(error)
          return .lost
        }
      }
    }
  }

  private func takeIn(_ input: inout ByteBuffer) {
    if input.isEmpty { return }
    let now = loop.now.nanoseconds
    input.withReadableBytes { session.receive($0, now: now) }
    input.clear()
  }

  /// Starts the task that answers a request.
  private func begin(_ stream: HTTP2Stream, _ group: inout DiscardingTaskGroup) {
    if tasks >= Self.tasksPerStream * session.limits.concurrentStreamsMaximum {
      return session.reset(stream, .refusedStream)
    }
    tasks += 1
    let carrier = HTTP2Carrier(stream, self)
    group.addTask {
      await Exchange.serve(carrier)
      self.tasks -= 1
    }
  }

  // MARK: Time

  /// - Parameter idleSince: nil while there are streams.
  private func nextDeadline(_ began: MonotonicInstant, idleSince: MonotonicInstant?) -> MonotonicInstant {
    if !session.hasBegun { return began.advanced(nanoseconds: context.headNanoseconds) }
    guard let idleSince, session.blockBegan == nil, case .serving = stage else {
      return loop.now.advanced(nanoseconds: Self.tickNanoseconds)
    }
    return idleSince.advanced(nanoseconds: context.idleNanoseconds)
  }

  /// Whether there is still time; otherwise the client is told why not.
  private func checkTime(
    _ began: MonotonicInstant, idleSince: MonotonicInstant?, _ announcedAt: MonotonicInstant
  ) -> Bool {
    let now = loop.now
    session.expire(now: now.nanoseconds)
    let head = context.headNanoseconds
    if !session.hasBegun, began.advanced(nanoseconds: head) <= now {
      session.end(.breach(.settingsTimeout))
    } else if let block = session.blockBegan, now.nanoseconds - min(block, now.nanoseconds) >= head {
      session.end(.flood(.slowHeaders))
    } else if case .announced = stage, announcedAt.advanced(nanoseconds: Self.tickNanoseconds) <= now {
      leave()
    } else if let idleSince, idleSince.advanced(nanoseconds: context.idleNanoseconds) <= now {
      leave()
      return false
    }
    return true
  }

  // MARK: The end

  /// Tells the client that no new streams are wanted.
  private func announce(_ at: inout MonotonicInstant) {
    guard case .serving = stage else { return }
    at = loop.now
    stage = .announced
    do throws(HTTP2Violation) { try session.announceShutdown() } catch { session.end(error) }
    wakeWriter()
  }

  /// Tells the client which stream was the last. What is under way goes on.
  private func leave() {
    stage = .leaving
    do throws(HTTP2Violation) { try session.shutDown() } catch { session.end(error) }
    wakeWriter()
  }

  /// Closing while the client still sends would reset the connection, and the reset can overtake what it is told.
  /// Draining does not cut this short: the last GOAWAY may still be on its way to the writer.
  private func linger(_ half: inout TransportReader) async {
    let deadline = loop.deadline(in: context.configuration.timeouts.linger)
    half.input.clear()
    do throws(NetworkError) {
      while try await half.receive(until: deadline, yieldsToDraining: false) > 0 { half.input.clear() }
    } catch {
      ended(error)
    }
    lose()
  }
}
