// The Python library `websockets` as client of our server and as server of our client.

import Bytes
import Foundation
import Peers
import Runtime
import TLS
import Testing

@testable import WebSocket
@testable import websocket_probe

@Suite("Python's websockets") struct PythonPeerTests {
  static let options: DeflateOptions = {
    var options = DeflateOptions()
    options.ownWindowBits = 15
    options.messageBytesMinimum = 0
    return options
  }()

  static let client = """
    import asyncio, ssl, sys, websockets
    from websockets.asyncio.client import connect
    from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory as Deflate

    async def main(port, authority):
        scheme, context = "ws", None
        if authority:
            scheme, context = "wss", ssl.create_default_context(cafile=authority)
        for extensions in ([], [Deflate()], [Deflate(True, True)], [Deflate(False, False, 9, 9)],
                           [Deflate(True, False, 15, 10)]):
            async with connect(scheme + "://127.0.0.1:" + port, ssl=context, extensions=extensions,
                               compression=None, subprotocols=["b", "a"], max_size=None) as ws:
                assert ws.subprotocol == "a", ws.subprotocol
                assert bool(ws.protocol.extensions) == bool(extensions), ws.protocol.extensions
                for size in (0, 1, 125, 126, 1000, 65535, 65536, 500000):
                    text = ("wörds of %d " % size * size)[:size]
                    for message in (text, text.encode(), b"\\0" * size):
                        await ws.send(message)
                        assert await ws.recv() == message
                await ws.send(["frag", "ment", "ed"])
                assert await ws.recv() == "fragmented"
                await asyncio.gather(*[ws.send("m%d" % n) for n in range(500)])
                for n in range(500):
                    assert await ws.recv() == "m%d" % n
                await (await ws.ping(b"are you there"))
                await ws.close(4000, "done")
            assert ws.protocol.close_rcvd.code == 4000, ws.protocol.close_rcvd
        print("ok")

    asyncio.run(main(*sys.argv[1:]))
    """

  @Test(arguments: [false, true]) func isServed(isSecure: Bool) async throws {
    let script = Self.client
    let certificate = isSecure ? try TestCertificate() : nil
    let (context, authority) = (certificate?.server, certificate?.path ?? "")
    try await withServer(
      loops: 1,
      {
        $0.handshake.compression = Self.options
        $0.handshake.subprotocols = ["a", "b"]
        $0.tls = context
      }
    ) { loop, address, _, closures in
      let port = "\(address.port ?? 0)"
      let said = try await Self.offTheLoop {
        try ForeignProgram.python(script, [port, authority], input: "")
      }
      #expect(said == "ok\n")
      let all = await closures.wait(for: 5)
      #expect(all.allSatisfy { $0.isClean && $0.code.rawValue == 4000 && $0.reason == "done" }, "\(all)")
    }
    // Python reads its file.
    withExtendedLifetime(certificate) {}
  }

  /// A server that says its port, serves until its input ends, and counts on its own.
  static let server = """
    import asyncio, ssl, sys, websockets
    from websockets.asyncio.server import serve

    async def echo(ws):
        try:
            async for message in ws:
                if message == "leave":
                    await ws.close(1001, "leaving")
                    return
                await ws.send(message)
        except websockets.ConnectionClosed:
            pass

    async def main():
        context = None
        if len(sys.argv) > 2:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*sys.argv[2:])
        async with serve(echo, "127.0.0.1", 0, ssl=context, subprotocols=["x"], max_size=None) as server:
            with open(sys.argv[1], "w") as file:
                file.write("%d\\n" % server.sockets[0].getsockname()[1])
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

    asyncio.run(main())
    """

  @Test(arguments: [false, true]) func serves(isSecure: Bool) async throws {
    let python = Repository.root.appendingPathComponent(".venv/bin/python")
    let folder = try TemporaryFolder()
    let file = folder.url("port")
    let certificate = isSecure ? try TestCertificate() : nil
    let client = certificate?.client
    let process = Process()
    process.executableURL = python
    process.arguments = ["-c", Self.server, file.path] + (certificate.map { [$0.path, $0.keyPath] } ?? [])
    let lifeline = Pipe()
    process.standardInput = lifeline
    try ForeignProgram.start(process)
    defer {
      // Its end ends the server.
      try? lifeline.fileHandleForWriting.close()
      process.waitUntilExit()
    }
    var port: UInt16?
    while port == nil {
      try #require(process.isRunning, "the server ended early: run ops/setup, which installs the test peers")
      let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
      if text.hasSuffix("\n") { port = UInt16(text.dropLast()) }
      await Task.yield()
    }
    let found = try #require(port)
    try await withLoops { group in
      let loop = group.next()
      try await loop.run { () async throws in try await Self.talk(to: found, on: loop, client) }
    }
  }

  private static func talk(
    to port: UInt16, on loop: EventLoop, _ tls: TLSClientContext?
  ) async throws {
    for compression in [nil, Self.options, DeflateOptions()] {
      let closure = try await connect(
        to: .ip(.loopbackV4, port: port), on: loop, tls: tls,
        {
          $0.compression = compression
          $0.subprotocols = ["y", "x"]
        }
      ) { connection throws(WebSocketError) in
        #expect(connection.agreement.subprotocol == "x")
        #expect((connection.agreement.compression != nil) == (compression != nil))
        for size in [0, 1, 125, 126, 65_535, 65_536, 500_000] {
          let text = String(repeating: "ä", count: size / 2) + String(repeating: "b", count: size % 2)
          try await connection.send(.text(text))
          #expect(try await connection.next() == .text(text))
          let bytes = ByteBuffer((0..<size).map { UInt8(truncatingIfNeeded: $0 % 251) })
          try await connection.send(.binary(bytes))
          #expect(try await connection.next() == .binary(bytes))
        }
        #expect(connection.socket.ping(ByteBuffer("there?")))
        try await connection.send(.text("leave"))
        #expect(try await connection.next() == nil)
      }
      #expect(closure == WebSocketClosure(code: .goingAway, reason: "leaving", isClean: true, error: nil))
    }
  }

  /// Runs what blocks on a thread of its own.
  private static func offTheLoop<Output: Sendable>(
    _ body: @escaping @Sendable () throws -> Output
  ) async throws -> Output {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
  }
}
