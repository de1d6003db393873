// A handler with a page for each thing a handler can do, right or wrong.

import Bytes
import Glibc
import HTTP
import HTTPServer
import Runtime
import TLS

/// Answers by the path.
struct TestHandler: HTTPHandler {
  /// Sent by `/file`.
  var file: FileRange?
  /// Called when `/wait` has begun; it answers when this returns.
  var wait: @Sendable () async -> Void = {}
  var route: HTTPRoute?

  func respond(to exchange: inout Exchange) async throws(HTTPError) {
    exchange.route = route
    switch exchange.request.path {
    case "/hello": try await exchange.respond(HTTPResponse(text: "hello"))
    case "/echo":
      let body = try await exchange.collect(limit: 100_000)
      try await exchange.respond(200, body: body)
    case "/small":
      let body = try await exchange.collect(limit: 4)
      try await exchange.respond(200, body: body)
    case "/stream-echo": try await echo(&exchange)
    case "/ignore": try await exchange.respond(HTTPResponse(text: "ignored"))
    case "/chunks": try await chunks(&exchange)
    case "/empty": try await exchange.respond(HTTPResponse(204))
    case "/none": try await exchange.respond(HTTPResponse())
    case "/fields":
      exchange.fields.append("X-Early", "1")
      exchange.fields.append("Connection", "upgrade")
      exchange.fields.append("Content-Length", "99")
      exchange.fields.append("X-Query", try exchange.request.queryParameters()["v"] ?? "none")
      try await exchange.respond(200, body: ByteBuffer("x"))
    case "/file":
      guard let file else { throw .notFound() }
      try await exchange.respond(HTTPResponse(body: .file(file)))
    case "/file-in-chunks":
      guard let file else { throw .notFound() }
      try await exchange.start(HTTPResponseHead())
      try await exchange.write(ByteBuffer("<"))
      try await exchange.send(file)
      try await exchange.write(ByteBuffer(">"))
    case "/upgrade": try await upgrade(&exchange)
    case "/wait":
      await wait()
      try await exchange.respond(HTTPResponse(text: "waited"))
    case "/client":
      let address = exchange.clientAddress?.description ?? "?"
      try await exchange.respond(HTTPResponse(text: "\(address) \(exchange.scheme)\n"))
    case "/peer": try await exchange.respond(HTTPResponse(text: exchange.peer?.ip?.description ?? "?"))
    default: try await misbehave(&exchange)
    }
  }

  private func echo(_ exchange: inout Exchange) async throws(HTTPError) {
    try await exchange.start(HTTPResponseHead(200))
    var count = 0
    while let piece = try await exchange.nextChunk() {
      count += piece.count
      try await exchange.write(piece)
      try await exchange.flush()
    }
    let sum = exchange.requestTrailers["x-sum"] ?? "none"
    try await exchange.finish(trailers: ["X-Count": "\(count)", "X-Sum": sum])
  }

  private func chunks(_ exchange: inout Exchange) async throws(HTTPError) {
    try await exchange.start(HTTPResponseHead(200, fields: ["Content-Type": "text/plain"]))
    try await exchange.write(ByteBuffer("abc"))
    try await exchange.write(ByteBuffer())
    try await exchange.write(ByteBuffer(String(repeating: "x", count: 20)))
  }

  private func upgrade(_ exchange: inout Exchange) async throws(HTTPError) {
    try await exchange.upgrade(["Upgrade": "echo"]) { transport in
      var transport = transport
      do throws(NetworkError) {
        repeat {
          transport.write(transport.input.split(transport.input.count))
          try await transport.flush()
        } while try await transport.receive() > 0
        try await transport.finishWriting()
      } catch {
        // The client's side of the test says what it missed.
        return
      }
    }
  }

  private func misbehave(_ exchange: inout Exchange) async throws(HTTPError) {
    switch exchange.request.path {
    case "/refuse": throw HTTPError(409, code: "conflict", "not now", fields: ["Retry-After": "3"])
    case "/fail":
      throw .internalFailure(SystemError(code: ENOSPC, operation: "write"))
    case "/fail-late":
      try await exchange.start(HTTPResponseHead())
      try await exchange.write(ByteBuffer("half"))
      try await exchange.flush()
      throw .internalFailure(SystemError(code: EIO, operation: "read"))
    case "/too-much":
      try await exchange.start(HTTPResponseHead(), length: .exactly(2))
      try await exchange.write(ByteBuffer("abc"))
    case "/too-little":
      try await exchange.start(HTTPResponseHead(), length: .exactly(5))
      try await exchange.write(ByteBuffer("abc"))
    case "/silent": return
    default: throw .notFound()
    }
  }
}
