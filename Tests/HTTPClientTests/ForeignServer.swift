// Other people's servers, on a port of 127.0.0.1 that is free when they start.

import Foundation
import Glibc
import Peers
import Runtime

/// A server program that listens on a port.
final class ForeignServer {
  let port: UInt16
  let folder: TemporaryFolder
  private let process = Process()

  /// A port that nobody uses.
  static func freePort() throws -> UInt16 {
    let socket = try ListeningSocket(.ip(.loopbackV4, port: 0))
    guard let port = socket.address.port else { throw ForeignProgram.Failure("no port") }
    return port
  }

  /// Starts `program`, and waits until it listens. In its arguments `@port` and `@folder` stand for what they say.
  init(
    _ program: String, _ arguments: [String], port: UInt16? = nil, files: [String: Data] = [:]
  ) throws {
    folder = try TemporaryFolder()
    self.port = try port ?? Self.freePort()
    for (name, data) in files {
      let place = folder.url(name)
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: place)
    }
    let said = folder.url("said")
    try Data().write(to: said)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let (port, path) = (self.port, folder.path)
    process.arguments =
      [program]
      + arguments.map {
        $0.replacingOccurrences(of: "@port", with: "\(port)").replacingOccurrences(of: "@folder", with: path)
      }
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    // Some servers end with their input.
    process.standardInput = Pipe()
    process.standardOutput = try FileHandle(forWritingTo: said)
    process.standardError = try FileHandle(forWritingTo: said)
    try ForeignProgram.start(process)
    while !Self.listens(port) {
      guard process.isRunning else {
        throw ForeignProgram.Failure(
          "\(program) ended: \(String(decoding: try Data(contentsOf: said), as: UTF8.self))")
      }
      usleep(10_000)  // lint:allow-sleep: nobody says when somebody else's program listens
    }
  }

  private static func listens(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  deinit {
    // The milder signal may be blocked: the program has inherited that from a thread of ours.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}

/// What `body` returns, run on a thread of its own: starting a program blocks.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
  }
}

/// A server in a box that a test's tasks can share.
///
/// `@unchecked Sendable`: a server holds constants, and a process that is ended when it is dropped.
struct SharedServer: @unchecked Sendable {
  let server: ForeignServer

  static func start(_ program: String, _ arguments: [String], files: [String: Data] = [:]) async throws
    -> SharedServer
  {
    try await blocking { SharedServer(server: try ForeignServer(program, arguments, files: files)) }
  }

  /// A certificate for 127.0.0.1 and its key, as `certificate.pem` and `key.pem` in a folder.
  static func certificate() async throws -> (certificate: Data, key: Data) {
    try await blocking {
      let folder = try TemporaryFolder()
      _ = try ForeignProgram.run(
        "openssl",
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
          "-subj",
          "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder.path("key.pem"),
          "-out",
          folder.path("certificate.pem"),
        ])
      return (
        try Data(contentsOf: folder.url("certificate.pem")), try Data(contentsOf: folder.url("key.pem"))
      )
    }
  }
}
