// What a channel does when its server goes, comes back, or was never there.

import EchoService
import Foundation
import GRPC
import GRPCClient
import HTTPServer
import Peers
import Runtime
import Testing

@Suite("Channels whose server goes", .timeLimit(.minutes(2))) struct ReconnectionTests {
  private func withGroup<Result>(_ body: (EventLoopGroup) async throws -> Result) async throws -> Result {
    let group = try EventLoopGroup(EventLoopGroup.Configuration(loops: 2))
    do {
      let result = try await body(group)
      await group.shutdown()
      return result
    } catch {
      await group.shutdown()
      throw error
    }
  }

  @Test func connectAnewWhenItIsBack() async throws {
    try await withGroup { group in
      let first = try EchoFixture.serve(on: group)
      let port = try #require(first.address.port)
      let channel = try EchoFixture.channel(to: port, group) {
        $0.backoffMinimum = .milliseconds(10)
        $0.backoffMaximum = .milliseconds(100)
      }
      #expect(try await channel.unary(Methods.unary, Request("a")).text == "a")
      let responses = try await channel.serverStreaming(
        Methods.expand, Request("x", times: 1_000_000, delay: 1))
      #expect(try await responses.next() != nil)
      await first.drain(within: .zero)
      let cut = await status { () throws(GRPCStatus) in while try await responses.next() != nil {} }
      #expect(cut?.code == .unavailable)

      let refused = await status { () throws(GRPCStatus) in
        _ = try await channel.unary(Methods.unary, Request("nobody"))
      }
      #expect(refused?.code == .unavailable)
      #expect(refused?.message.contains("127.0.0.1:\(port)") == true)

      // One that waits for the server is answered by the next.
      var options = GRPCCallOptions(timeout: .seconds(60))
      options.waitsForServer = true
      let patient = options
      let waiting = Task { try await channel.unary(Methods.unary, Request("patient"), patient).text }
      let second = try EchoFixture.serve(on: group, port: port)
      #expect(try await waiting.value == "patient")
      await channel.close(within: .seconds(1))
      await second.drain(within: .zero)
    }
  }

  /// A server that leaves in good order lets calls end; new ones go over another connection.
  @Test func leaveInGoodOrder() async throws {
    try await withGroup { group in
      let server = try EchoFixture.serve(on: group)
      let port = try #require(server.address.port)
      let channel = try EchoFixture.channel(to: port, group)
      let responses = try await channel.serverStreaming(Methods.expand, Request("x", times: 20, delay: 20))
      #expect(try await responses.next() != nil)
      async let drained = server.drain(within: .seconds(30))
      var count = 1
      while try await responses.next() != nil { count += 1 }
      #expect(count == 20)
      #expect(await drained == 0)
      await channel.close()
    }
  }

  @Test func giveUpAtTheDeadlineOfTheCall() async throws {
    try await withGroup { group in
      // A port that nobody listens on: it was somebody's a moment ago.
      let server = try EchoFixture.serve(on: group)
      let port = try #require(server.address.port)
      await server.drain(within: .zero)
      let channel = try EchoFixture.channel(to: port, group)
      var options = GRPCCallOptions(timeout: .milliseconds(300))
      options.waitsForServer = true
      let wanted = options
      let failure = await status { () throws(GRPCStatus) in
        _ = try await channel.unary(Methods.unary, Request("a"), wanted)
      }
      #expect(failure?.code == .deadlineExceeded, "\(String(describing: failure))")
      await channel.close()
      let closed = await status { () throws(GRPCStatus) in
        _ = try await channel.unary(Methods.unary, Request("a"))
      }
      #expect(closed?.code == .unavailable)
    }
  }

  @Test func survivesAPythonServerThatIsKilled() async throws {
    try await withGroup { group in
      let first = try await blocking { try EchoPeerServer() }
      let port = first.port
      let channel = try EchoFixture.channel(to: port, group) { $0.backoffMaximum = .milliseconds(200) }
      #expect(try await channel.unary(Methods.unary, Request("a")).text == "a")
      first.kill()
      let second = try await blocking { try EchoPeerServer(["port=\(port)"]) }
      var options = GRPCCallOptions(timeout: .seconds(60))
      options.waitsForServer = true
      #expect(try await channel.unary(Methods.unary, Request("b"), options).text == "b")
      await channel.close()
      second.kill()
    }
  }
}
