// The load of the WebSocket rows: a thousand clients of ours in one process on core 1, each sending a message as soon
// as the one before has come back. The process says how many came back so far whenever it is asked.

import Bytes
import Foundation
import Runtime
import Synchronization
import WebSocket

/// What the clients share.
private final class EchoCount: Sendable {
  let connected = Atomic<Int>(0)
  let echoed = Atomic<Int>(0)
}

/// A process full of clients, as the measuring process sees it.
final class EchoLoad {
  static let connections = 1000
  static let messageBytes = 100

  private let process = Process()
  private let questions = Pipe()
  private let answers = Pipe()

  /// Returns when every client is connected and has had its first answer.
  init(port: Int) throws {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "taskset", "-c", ProcessInfo.processInfo.activeProcessorCount > 1 ? "1" : "0", program, "echo-load",
      "\(port)",
    ]
    process.standardInput = questions
    process.standardOutput = answers
    try process.run()
    // The first answer comes when all are connected.
    while try echoed() < Self.connections { usleep(10_000) }
  }

  /// How many messages have come back so far.
  func echoed() throws -> Int {
    try questions.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
    var text = ""
    while !text.hasSuffix("\n") {
      let bytes = answers.fileHandleForReading.availableData
      if bytes.isEmpty { throw BenchmarkFailure("the load has ended") }
      text += String(decoding: bytes, as: UTF8.self)
    }
    guard let count = Int(text.dropLast()) else { throw BenchmarkFailure("the load says \(text)") }
    return count
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  /// The process itself.
  static func run(port: String) throws {
    guard let port = UInt16(port) else { throw BenchmarkFailure("\(port) is no port") }
    let group = try EventLoopGroup(.init(loops: 1))
    let loop = group.loops[0]
    let count = EchoCount()
    loop.post { loop in
      for _ in 0..<connections {
        _ = loop.spawn {
          do {
            try await converse(with: port, on: loop, count)
            print("a connection ended")
          } catch {
            print("a connection failed: \(error)")
          }
          exit(1)
        }
      }
    }
    while count.connected.load(ordering: .relaxed) < connections { usleep(1000) }
    while readLine() != nil {
      print(count.echoed.load(ordering: .relaxed))
      fflush(nil)
    }
  }

  private static func converse(
    with port: UInt16, on loop: EventLoop, _ count: EchoCount
  ) async throws(WebSocketError) {
    let message = WebSocketMessage.binary(ByteBuffer(repeatElement(0x61, count: messageBytes)))
    let request = ClientHandshake.Request(authority: "127.0.0.1:\(port)", target: "/echo")
    var configuration = WebSocketConfiguration()
    configuration.timeouts.connect = .seconds(60)
    _ = try await WebSocketClient.connect(
      toHost: "127.0.0.1", port: port, request, on: loop, configuration: configuration
    ) { connection throws(WebSocketError) in
      count.connected.add(1, ordering: .relaxed)
      repeat {
        try await connection.send(message)
        guard try await connection.next() == message else { throw .closed }
        count.echoed.add(1, ordering: .relaxed)
      } while true
    }
  }
}
