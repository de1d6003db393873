import Bytes
import Glibc
import Runtime
import Testing

@Suite("Connection") struct ConnectionTests {
  /// Every kind of socket, so that what holds for one is seen to hold for all.
  static let addresses = ["127.0.0.1:0", "[::1]:0", "unix:", "unix:@"]

  static func address(_ text: String) throws -> SocketAddress {
    switch text {
    case "unix:": .unix(path: temporaryPath("socket"))
    case "unix:@": .unix(path: "@" + temporaryPath("socket"))
    default: try SocketAddress(text)
    }
  }

  @Test(arguments: addresses) func echoes(_ text: String) async throws {
    try await withLoops(2) { group in
      let server = try SocketServer(listeningAt: try Self.address(text), on: group, handler: echo)
      let address = server.address
      let sent = pattern(100_000)
      let received = try await group.next().run { () async throws(NetworkError) in
        var connection = try await EventLoop.current!.connect(to: address)
        connection.output.append(contentsOf: sent)
        try await connection.finishWriting()
        return try await connection.receiveAll()
      }
      #expect(received == sent)
      #expect(await server.drain(within: .seconds(5)) == 0)
    }
  }
}
