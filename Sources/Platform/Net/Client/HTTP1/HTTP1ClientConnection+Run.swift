// The two tasks of a client's connection of HTTP/1.1.

import Bytes
import Runtime
import TLS

extension HTTP1ClientConnection {
  /// About how much is written at once.
  private static let batchBytes = 256 << 10
  private static let lastWords = Duration.seconds(2)

  /// Serves `transport` until it ends, or until `close` was called and the request under way is over.
  func run(_ transport: consuming Transport) async {
    precondition(transport.loop === loop && loop.isCurrent, "a connection is run on its loop")
    if !isLost {
      breaker = transport.breaker
      _ = await transport.split(
        reading: { reader in await self.read(reader) },
        writing: { writer in await self.write(writer) })
    }
    lose(.network(.closed))
  }

  // MARK: Writing

  private func write(_ half: consuming TransportWriter) async {
    do throws(NetworkError) {
      while !isLost {
        let batch = takePending(upTo: Self.batchBytes)
        if !batch.isEmpty {
          var count = 0
          for piece in batch {
            half.write(piece)
            count += piece.count
          }
          exchange?.hasSent = true
          try await half.flush(until: loop.deadline(in: options.stallTimeout))
          unsentCount = max(unsentCount - count, 0)
          exchange?.writable.wake()
          continue
        }
        if isClosing && exchange == nil {
          try await half.finish(until: loop.deadline(in: Self.lastWords))
          break
        }
        await suspend { writer = $0 }
      }
      lose(.network(.closed))
    } catch {
      guard error == .closed, exchange != nil else {
        lose(.network(error))
        return
      }
      // The server has stopped listening: perhaps because it has answered. The reader finds out.
      becomeDeaf()
      return
    }
    half.abort()
  }

  // MARK: Reading

  private func read(_ half: consuming TransportReader) async {
    var half = half
    do throws(NetworkError) {
      while !isLost {
        if let exchange {
          guard try await take(&half.input, exchange) else { continue }
        } else if !half.input.isEmpty {
          // Nobody has asked for anything.
          return lose(.aborted)
        }
        try await receive(&half)
      }
    } catch {
      lose(.network(error))
    }
  }

  /// Takes in part of an answer; true when more has to be received first.
  private func take(
    _ input: inout ByteBuffer, _ exchange: HTTP1Exchange
  ) async throws(NetworkError) -> Bool {
    let needsMore: Bool
    do throws(HTTPClientError) {
      needsMore = try exchange.parse(
        &input, limits: limits, informationalMaximum: options.informationalMaximum)
    } catch {
      fail(error)
      return false
    }
    if exchange.hasEnded {
      finishExchange(hasLeftovers: !input.isEmpty)
      return false
    }
    if needsMore { return true }
    while exchange.isFull && !isLost {
      if await room.wait(until: MonotonicInstant(nanoseconds: .max)) == .cancelled { throw .cancelled }
    }
    return false
  }

  private func receive(_ half: inout TransportReader) async throws(NetworkError) {
    // While a request is under way its own deadlines count, and at the end the writer's.
    let deadline = isIdle ? idleSince.advanced(by: options.idle) : nil
    do throws(NetworkError) {
      if try await half.receive(until: deadline) > 0 { return }
    } catch {
      guard error == .timedOut else { throw error }
      if isIdle && idleSince.advanced(by: options.idle) <= loop.now { close() }
      return
    }
    if let exchange, case .untilClose = exchange.rest {
      exchange.end()
      finishExchange(hasLeftovers: true)
    }
    throw .closed
  }
}
