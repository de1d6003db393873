// What an echoed WebSocket message costs beside Python's servers: the usual one on the fastest loop there is for it,
// and one whose frames are handled in C.

import Foundation
import Measure

/// One line of the table for WebSocket.
struct EchoRow {
  let name: String
  let peerName: String
  let goal: String
  /// A Python program that echoes on the port it is given.
  let peerScript: String

  static let all = [
    EchoRow(
      name: "websocket-echo-websockets", peerName: "Python's websockets on uvloop", goal: "time 0.5x",
      peerScript: """
        import asyncio, logging, sys, uvloop
        from websockets.asyncio.server import serve
        from websockets.exceptions import ConnectionClosedError
        async def echo(ws):
            try:
                async for message in ws:
                    await ws.send(message)
            except ConnectionClosedError:
                pass
        async def main():
            async with serve(echo, "127.0.0.1", int(sys.argv[1]), compression=None, backlog=4096) as server:
                await server.serve_forever()
        logging.disable()
        uvloop.run(main())
        """),
    EchoRow(
      name: "websocket-echo-picows", peerName: "Python's picows on uvloop", goal: "time 1.0x",
      peerScript: """
        import asyncio, logging, sys, uvloop
        from picows import WSListener, WSMsgType, ws_create_server
        class Echo(WSListener):
            def on_ws_frame(self, transport, frame):
                if frame.msg_type == WSMsgType.CLOSE:
                    transport.send_close(frame.get_close_code())
                    transport.disconnect()
                else:
                    transport.send(frame.msg_type, frame.get_payload_as_memoryview())
        async def main():
            server = await ws_create_server(lambda request: Echo(), "127.0.0.1", int(sys.argv[1]), backlog=4096)
            await server.serve_forever()
        logging.disable()
        uvloop.run(main())
        """),
  ]

  func measure(_ ours: ServerProcess, seconds: Int) throws {
    let peer = try ServerProcess.python(peerScript, port: 18_088)
    defer { peer.stop() }
    var (mine, theirs): ([Double], [Double]) = ([], [])
    for _ in 0..<turns {
      mine.append(try cost(ours, seconds: seconds))
      theirs.append(try cost(peer, seconds: seconds))
    }
    Comparison(name, ours: mine, peer: theirs).report(peerName: peerName, goal: goal)
  }

  /// Nanoseconds of CPU that `server` spends on a message, while a thousand connections keep it busy.
  private func cost(_ server: ServerProcess, seconds: Int) throws -> Double {
    let load = try EchoLoad(port: server.port)
    defer { load.stop() }
    // Until every connection has had its share of warming up.
    while try load.echoed() < 5 * EchoLoad.connections { usleep(10_000) }
    let (time, count) = (try server.cpuNanoseconds(), try load.echoed())
    sleep(UInt32(seconds))
    let (spent, echoed) = (try server.cpuNanoseconds() - time, try load.echoed() - count)
    guard echoed > 0 else { throw BenchmarkFailure("nothing was echoed") }
    return Double(spent) / Double(echoed)
  }
}
