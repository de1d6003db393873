// The two tasks of a client's connection of HTTP/2. The one that reads also keeps its time.

import Bytes
import HTTP2
import Runtime
package import TLS

extension HTTP2ClientConnection {
  /// About how much is written at once.
  private static let batchBytes = 64 << 10
  /// How long the peer has for taking what it did wrong.
  private static let lastWords = Duration.seconds(2)

  /// Serves `transport`, which is connected and has shaken hands, until it ends, or until `close` was called
  /// and the last stream has ended. When this returns everything is over. Cancelling the task ends the
  /// connection at once.
  package func run(_ transport: consuming Transport) async {
    precondition(transport.loop === loop && loop.isCurrent, "a connection is run on its loop")
    precondition(!isRunning, "a connection is run once")
    isRunning = true
    if stage != .lost {
      breaker = transport.breaker
      heardAt = loop.now
      idleSince = loop.now
      _ = await transport.split(
        reading: { reader in await self.read(reader) },
        writing: { writer in await self.write(writer) })
    }
    lose(.network(.closed))
  }

  // MARK: Writing

  /// Sends what the session has to say until nothing will follow.
  private func write(_ half: consuming TransportWriter) async {
    do throws(NetworkError) {
      while stage != .lost {
        if session.wantsToSend { fill(&half.output) }
        if half.outputCount > 0 {
          let patience = stage == .ending ? Self.lastWords : options.stallTimeout
          try await half.flush(until: loop.deadline(in: patience))
          continue
        }
        if isDone {
          try await half.finish(until: loop.deadline(in: Self.lastWords))
          break
        }
        await suspend { writer = $0 }
      }
      lose(.network(.closed))
    } catch {
      lose(.network(error))
    }
    // The reader may be waiting for more.
    half.abort()
  }

  /// Whether everything was said that will be.
  private var isDone: Bool {
    switch stage {
    case .ending, .lost: true
    case .leaving: session.streams.isEmpty
    case .open: false
    }
  }

  private func fill(_ output: inout ByteBuffer) {
    do throws(HTTP2Violation) {
      try session.send(into: &output, maximum: Self.batchBytes)
    } catch {
      fail(error)
    }
    // What the library finds by itself is known since its GOAWAY was written.
    if let violation = session.violation { fail(violation) }
    noteChange()
  }

  // MARK: Reading

  private func read(_ half: consuming TransportReader) async {
    var half = half
    let began = loop.now
    do throws(NetworkError) {
      while stage != .lost {
        takeIn(&half.input)
        if session.violation != nil { return }
        if !session.streams.isEmpty { idleSince = loop.now }
        do throws(NetworkError) {
          if try await half.receive(until: nextDeadline(began)) == 0 { throw .closed }
        } catch {
          guard error == .timedOut else { throw error }
          checkTime(began)
        }
      }
    } catch {
      lose(.network(error))
    }
  }

  private func takeIn(_ input: inout ByteBuffer) {
    if !input.isEmpty {
      heardAt = loop.now
      pingedAt = nil
      let now = loop.now.nanoseconds
      input.withReadableBytes { session.receive($0, now: now) }
      input.clear()
    }
    for event in session.takeEvents() {
      guard case .goingAway(_, let code) = event else { continue }
      if code != .noError { goAway = code }
      if stage == .open { stage = .leaving }
    }
    if let violation = session.violation { fail(violation) }
    if session.wantsToSend || stage != .open { wakeWriter() }
    noteChange()
  }

  // MARK: Time

  private func nextDeadline(_ began: MonotonicInstant) -> MonotonicInstant? {
    var deadline: MonotonicInstant?
    func consider(_ other: MonotonicInstant) { deadline = deadline.map { min($0, other) } ?? other }
    if !session.hasBegun { consider(began.advanced(by: options.settingsTimeout)) }
    if let pingedAt {
      consider(pingedAt.advanced(by: options.keepaliveTimeout))
    } else if let keepalive = options.keepalive {
      consider(heardAt.advanced(by: keepalive))
    }
    if let idle = options.idle, session.streams.isEmpty, stage == .open {
      consider(idleSince.advanced(by: idle))
    }
    return deadline
  }

  private func checkTime(_ began: MonotonicInstant) {
    let now = loop.now
    if !session.hasBegun, began.advanced(by: options.settingsTimeout) <= now {
      return lose(.network(.timedOut))
    }
    if let pingedAt {
      if pingedAt.advanced(by: options.keepaliveTimeout) <= now { return lose(.silent) }
    } else if let keepalive = options.keepalive, heardAt.advanced(by: keepalive) <= now {
      askForLife(now)
    }
    if let idle = options.idle, session.streams.isEmpty, idleSince.advanced(by: idle) <= now { close() }
  }

  private func askForLife(_ now: MonotonicInstant) {
    guard !session.streams.isEmpty || options.keepaliveWithoutStreams else {
      // Nobody needs to know. A stream that is opened now is looked after in time all the same.
      heardAt = now
      return
    }
    pingedAt = now
    do throws(HTTP2Violation) { try session.ping() } catch { fail(error) }
    wakeWriter()
  }
}
