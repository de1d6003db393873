// Writing an answer as HTTP/2.

import Bytes
import HTTP
import HTTP2
import Runtime
import Telemetry

extension HTTP2Carrier {
  /// Above this many bytes that wait for the client's window a handler waits too.
  private static let highWaterBytes = 64 << 10
  /// How much of a file is read at once.
  private static let fileChunkBytes = 64 << 10

  /// Whether the answer was given as it was promised.
  var hasFinished: Bool {
    if case .finished = writing { return true }
    return false
  }

  /// Writes the head of an answer.
  func start(
    _ status: HTTPStatus, _ fields: HTTPFields, adding added: HTTPFields, _ length: HTTPBodyLength,
    id: RequestID, isHead: Bool
  ) throws(HTTPError) {
    if stream.wasReset { throw lost() }
    let (context, loop) = (connection.context, connection.loop)
    connection.fields.removeAll()
    connection.fields.append(":status", status.code)
    context.dateLine(of: loop).withValue(now: loop.now, context.time) {
      connection.fields.append("date", $0)
    }
    connection.fields.append(added, isAnswer: true)
    connection.fields.append(fields, isAnswer: true)
    connection.scratch.clear()
    id.append(to: &connection.scratch)
    connection.scratch.withReadableBytes {
      connection.fields.append("x-request-id", $0, isPassing: true)
    }
    if !status.forbidsBody {
      switch length {
      case .none: connection.fields.append("content-length", 0)
      case .exactly(let count): connection.fields.append("content-length", count)
      case .unknown: break
      }
    }
    let isEmpty = isHead || status.forbidsBody || length == .none || length == .exactly(0)
    if isHead || status.forbidsBody {
      writing = .discarded
    } else {
      writing =
        switch length {
        case .none: .left(0)
        case .exactly(let count): .left(count)
        case .unknown: .open
        }
    }
    try connection.carry { session throws(HTTP2Violation) in
      try session.respond(connection.fields, on: stream, hasBody: !isEmpty)
    }
  }

  /// Puts bytes of the body behind what was written.
  func write(_ buffer: ByteBuffer) throws(HTTPError) {
    switch writing {
    case .discarded:
      return
    case .left(let count):
      guard buffer.count <= count else { throw broken(.wroteTooMuch) }
      writing = .left(count - buffer.count)
    case .open:
      break
    case .nothing:
      preconditionFailure("an answer begins before its body")
    case .finished, .broken:
      throw broken(.wroteAfterTheEnd)
    }
    if buffer.isEmpty { return }
    if stream.wasReset {
      writing = .broken
      throw lost()
    }
    try connection.carry { session throws(HTTP2Violation) in try session.write(buffer, on: stream) }
    bodyBytesOut += buffer.count
  }

  /// Sends part of a file as part of the body, as fast as the client takes it.
  func send(_ range: FileRange) async throws(HTTPError) {
    if case .discarded = writing { return }
    if case .left(let count) = writing, range.count > count { throw broken(.wroteTooMuch) }
    var (offset, left) = (range.offset, range.count)
    while left > 0 {
      let count = min(left, Self.fileChunkBytes)
      var piece = ByteBuffer(capacity: count)
      do throws(NetworkError) {
        let part = FileRange(descriptor: range.descriptor, offset: offset, count: count)
        try await connection.loop.read(part, into: &piece)
      } catch {
        writing = .broken
        throw .connectionLost(error)
      }
      try write(piece)
      try await flushIfFull()
      offset += Int64(count)
      left -= count
    }
  }

  /// Ends the answer, and waits until little of it is left to be sent.
  func finish(trailers: HTTPFields?) async throws(HTTPError) {
    var block: HTTP2FieldBlock?
    switch writing {
    case .left(let count) where count > 0: throw broken(.wroteTooLittle(bytesMissing: count))
    case .open:
      if let trailers, !trailers.isEmpty {
        block = HTTP2FieldBlock()
        block?.append(trailers, isAnswer: true)
      }
    case .nothing: preconditionFailure("an answer begins before it ends")
    case .finished: return
    case .broken: throw broken(.wroteAfterTheEnd)
    case .left, .discarded: break
    }
    try connection.carry { session throws(HTTP2Violation) in try session.finish(stream, trailers: block) }
    writing = .finished
    try await flushIfFull()
    if stream.outboundCount > 0 { stream.expectSent(by: deadline) }
  }

  private func broken(_ fault: HandlerFault) -> HTTPError {
    writing = .broken
    return .internalFailure(fault)
  }

  // MARK: Sending

  /// Has what was written sent as far as the client's window allows.
  func flush() throws(HTTPError) {
    if stream.wasReset {
      writing = .broken
      throw lost()
    }
    connection.wakeWriter()
  }

  /// Waits while the client is too far behind.
  func flushIfFull() async throws(HTTPError) {
    connection.wakeWriter()
    guard stream.outboundCount > Self.highWaterBytes else { return }
    let wasInTime = await stream.waitToWrite(below: Self.highWaterBytes / 2, until: deadline)
    if !wasInTime || stream.wasReset {
      writing = .broken
      throw lost()
    }
  }

  /// When the client has to have taken what waits.
  private var deadline: MonotonicInstant {
    let context = connection.context
    let allowance = context.configuration.timeouts.allowance(
      context.answerNanoseconds, for: stream.outboundCount)
    return connection.loop.now.advanced(nanoseconds: allowance)
  }
}
