// What a unary call costs beside gRPC's own servers for Python, which are its core in C and a function in Python.

import Foundation
import Measure
import Peers

/// One line of the table for gRPC.
struct GRPCRow {
  let name: String
  let peerName: String
  let goal: String
  /// A program that answers varve.testing.v1.Echo; its arguments are the folder of echo_pb2.py and a port.
  let peerScript: String

  private static let path = "/varve.testing.v1.Echo/Unary"
  private static let payloadBytes = 100
  private static let (connections, streams) = (4, 25)

  static let all = [
    GRPCRow(
      name: "grpc-unary-grpcio", peerName: "grpcio with threads", goal: "time 0.333x",
      peerScript: """
        import sys
        from concurrent import futures
        sys.path.insert(0, sys.argv[1])
        import grpc, echo_pb2 as echo
        def unary(request, context):
            return echo.EchoResponse(payload=request.payload, text=request.text)
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("varve.testing.v1.Echo", {
            "Unary": grpc.unary_unary_rpc_method_handler(
                unary, echo.EchoRequest.FromString, echo.EchoResponse.SerializeToString)}),))
        server.add_insecure_port("127.0.0.1:" + sys.argv[2])
        server.start()
        server.wait_for_termination()
        """),
    GRPCRow(
      name: "grpc-unary-grpcio-aio", peerName: "grpcio with asyncio", goal: "time 0.333x",
      peerScript: """
        import asyncio, sys, uvloop
        sys.path.insert(0, sys.argv[1])
        import grpc, echo_pb2 as echo
        async def unary(request, context):
            return echo.EchoResponse(payload=request.payload, text=request.text)
        async def main():
            server = grpc.aio.server()
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("varve.testing.v1.Echo", {
                "Unary": grpc.unary_unary_rpc_method_handler(
                    unary, echo.EchoRequest.FromString, echo.EchoResponse.SerializeToString)}),))
            server.add_insecure_port("127.0.0.1:" + sys.argv[2])
            await server.start()
            await server.wait_for_termination()
        asyncio.run(main())
        """),
  ]

  func measure(_ servers: Servers, seconds: Int) throws {
    let ours = try servers.ours()
    let peer = try servers.grpcio(peerScript)
    defer { peer.stop() }
    let body = servers.folder.path + "/call"
    try Self.call.write(to: URL(fileURLWithPath: body))
    for server in [ours, peer] { try check(server, body) }
    var (mine, theirs): ([Double], [Double]) = ([], [])
    _ = try cost(ours, body, seconds: 1)
    _ = try cost(peer, body, seconds: 1)
    for _ in 0..<turns {
      mine.append(try cost(ours, body, seconds: seconds))
      theirs.append(try cost(peer, body, seconds: seconds))
    }
    Comparison(name, ours: mine, peer: theirs).report(peerName: peerName, goal: goal)
  }

  /// A message with a payload, in its frame. The answer is the same bytes: the field has the same number there.
  private static var call: Data {
    let message: [UInt8] = [0x0a, UInt8(payloadBytes)] + [UInt8](repeating: 0x61, count: payloadBytes)
    return Data([0, 0, 0, 0, UInt8(message.count)] + message)
  }

  private static let fields = ["content-type: application/grpc+proto", "te: trailers"]

  /// A call that fails is a 200 too, so it is looked at once what is answered.
  private func check(_ server: ServerProcess, _ body: String) throws {
    let answer = try ForeignProgram.run(
      "curl",
      ["-sS", "--http2-prior-knowledge", "--data-binary", "@\(body)"] + Self.fields.flatMap { ["-H", $0] }
        + ["http://127.0.0.1:\(server.grpcPort)\(Self.path)"])
    guard answer == Self.call else { throw BenchmarkFailure("the call was answered \([UInt8](answer))") }
  }

  private func cost(_ server: ServerProcess, _ body: String, seconds: Int) throws -> Double {
    let before = try server.cpuNanoseconds()
    let load = try H2Load.run(
      url: "http://127.0.0.1:\(server.grpcPort)\(Self.path)", connections: Self.connections,
      streams: Self.streams, seconds: seconds, body: body, fields: Self.fields)
    return Double(try server.cpuNanoseconds() - before) / Double(load.requests)
  }
}
