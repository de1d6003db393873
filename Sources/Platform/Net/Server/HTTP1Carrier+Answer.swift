// Writing an answer as HTTP/1.1.

import Bytes
import HTTP
import HTTP1
import Runtime
import TLS
import Telemetry

/// A handler that did not keep to what it said.
enum HandlerFault: Error {
  /// It wrote a body after an answer that was finished.
  case wroteAfterTheEnd
  /// It wrote more bytes than it had promised.
  case wroteTooMuch
  /// It finished, or left, before the bytes that it had promised.
  case wroteTooLittle(bytesMissing: Int)
  /// It returned without an answer.
  case didNotAnswer
}

extension HTTP1Carrier {
  /// Writes the head of an answer, and decides whether the connection is kept after it.
  ///
  /// - Parameter isWhole: whether the body follows at once, so that nothing more will be read of the request's.
  mutating func start(
    _ status: HTTPStatus, _ fields: HTTPFields, adding added: HTTPFields, _ length: HTTPBodyLength,
    id: RequestID, isHead: Bool, isHTTP10: Bool, isWhole: Bool
  ) {
    let forbidsBody = status.forbidsBody
    let delimitsByClosing = length == .unknown && isHTTP10 && !isHead && !forbidsBody
    keepsAlive = canKeepAlive(isWhole: isWhole) && !delimitsByClosing
    Self.appendHead(
      status, fields, adding: added, id, date: context.dateLine(of: loop), now: loop.now, context.time,
      to: &transport.output)
    // RFC 9110 section 7.8: whoever sends Upgrade says so in Connection. An error of 426 is all that may here.
    if status.code == 426 { transport.output.append("Connection: Upgrade\r\n") }
    Self.appendEnd(
      forbidsBody ? nil : length, isHTTP10: isHTTP10, keepsAlive: keepsAlive, to: &transport.output)
    if isHead || forbidsBody {
      writing = .discarded
    } else {
      writing =
        switch length {
        case .none: .left(0)
        case .exactly(let count): .left(count)
        case .unknown: isHTTP10 ? .untilClose : .chunked
        }
    }
  }

  /// Writes the head of a 101.
  mutating func startUpgrade(_ fields: HTTPFields, adding added: HTTPFields, id: RequestID) {
    Self.appendHead(
      101, fields, adding: added, id, date: context.dateLine(of: loop), now: loop.now, context.time,
      to: &transport.output)
    transport.output.append("Connection: Upgrade\r\n\r\n")
    writing = .finished
    keepsAlive = false
  }

  // Static, with one buffer for all of it: each access to the connection's output is a call.

  private static func appendHead(
    _ status: HTTPStatus, _ fields: HTTPFields, adding added: HTTPFields, _ id: RequestID, date: DateLine,
    now: MonotonicInstant, _ time: any TimeSource, to output: inout ByteBuffer
  ) {
    HTTP1Writer.append(status, to: &output)
    date.append(to: &output, now: now, time)
    if !added.isEmpty { HTTP1Writer.append(answer: added, to: &output) }
    if !fields.isEmpty { HTTP1Writer.append(answer: fields, to: &output) }
    output.append("X-Request-Id: ")
    id.append(to: &output)
    output.append("\r\n")
  }

  /// - Parameter length: nil for an answer that has no body by its status.
  private static func appendEnd(
    _ length: HTTPBodyLength?, isHTTP10: Bool, keepsAlive: Bool, to output: inout ByteBuffer
  ) {
    switch length {
    case HTTPBodyLength.none?: output.append("Content-Length: 0\r\n")
    case .exactly(let count)?: HTTP1Writer.append(contentLength: count, to: &output)
    case .unknown? where !isHTTP10: output.append("Transfer-Encoding: chunked\r\n")
    case .unknown?, nil: break
    }
    if !keepsAlive {
      output.append("Connection: close\r\n\r\n")
    } else if isHTTP10 {
      output.append("Connection: keep-alive\r\n\r\n")
    } else {
      output.append("\r\n")
    }
  }

  private func canKeepAlive(isWhole: Bool) -> Bool {
    guard framing.keepsAlive, requests < context.configuration.requestsPerConnectionMaximum,
      !transport.isDraining
    else { return false }
    switch reading {
    case .ended: return true
    case .failed: return false
    // Whether a client that never got its 100 will send the body, nobody knows.
    case .left, .chunked: break
    }
    if owesContinue { return false }
    guard isWhole, case .left(let count) = reading else { return true }
    return count <= context.configuration.unreadBodyBytesMaximum + transport.input.count
  }

  // MARK: The body

  /// Puts bytes of the body behind what was written.
  mutating func write(_ buffer: ByteBuffer) throws(HTTPError) {
    switch writing {
    case .discarded:
      return
    case .left(let count):
      guard buffer.count <= count else { throw broken(.wroteTooMuch) }
      writing = .left(count - buffer.count)
      transport.write(buffer)
    case .chunked:
      if buffer.isEmpty { return }
      HTTP1Writer.append(chunkOf: buffer.count, to: &transport.output)
      transport.write(buffer)
      HTTP1Writer.appendChunkEnd(to: &transport.output)
    case .untilClose:
      transport.write(buffer)
    case .nothing:
      preconditionFailure("an answer begins before its body")
    case .finished, .broken:
      throw broken(.wroteAfterTheEnd)
    }
    bodyBytesOut += buffer.count
  }

  /// Sends part of a file as part of the body.
  mutating func send(_ range: FileRange) async throws(HTTPError) {
    switch writing {
    case .discarded:
      return
    case .left(let count):
      guard range.count <= count else { throw broken(.wroteTooMuch) }
      writing = .left(count - range.count)
    case .chunked:
      if range.count == 0 { return }
      HTTP1Writer.append(chunkOf: range.count, to: &transport.output)
    case .untilClose:
      break
    case .nothing:
      preconditionFailure("an answer begins before its body")
    case .finished, .broken:
      throw broken(.wroteAfterTheEnd)
    }
    do throws(NetworkError) {
      try await transport.send(range, until: answerDeadline(for: range.count + transport.outputCount))
    } catch {
      writing = .broken
      throw .connectionLost(error)
    }
    bodyBytesOut += range.count
    if case .chunked = writing { HTTP1Writer.appendChunkEnd(to: &transport.output) }
  }

  /// Ends the answer and sends what is left of it.
  mutating func finish(trailers: HTTPFields?) async throws(HTTPError) {
    switch writing {
    case .left(let count) where count > 0: throw broken(.wroteTooLittle(bytesMissing: count))
    case .chunked: HTTP1Writer.appendLastChunk(trailers: trailers ?? HTTPFields(), to: &transport.output)
    case .nothing: preconditionFailure("an answer begins before it ends")
    case .finished: return
    case .broken: throw broken(.wroteAfterTheEnd)
    case .left, .discarded, .untilClose: break
    }
    writing = .finished
    try await flush()
  }

  private mutating func broken(_ fault: HandlerFault) -> HTTPError {
    writing = .broken
    keepsAlive = false
    return .internalFailure(fault)
  }

  // MARK: Sending

  /// Sends everything that was written.
  mutating func flush() async throws(HTTPError) {
    do throws(NetworkError) {
      try await transport.flush(until: answerDeadline(for: transport.outputCount))
    } catch {
      writing = .broken
      throw .connectionLost(error)
    }
  }

  /// Sends what was written if it is much.
  mutating func flushIfFull() async throws(HTTPError) {
    do throws(NetworkError) {
      try await transport.flushIfFull(until: answerDeadline(for: transport.outputCount))
    } catch {
      writing = .broken
      throw .connectionLost(error)
    }
  }

  private func answerDeadline(for count: Int) -> MonotonicInstant {
    let allowance = context.configuration.timeouts.allowance(context.answerNanoseconds, for: count)
    return loop.now.advanced(nanoseconds: allowance)
  }
}
