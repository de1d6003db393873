// A server as a process on core 0, and the CPU time that it has used.

import Foundation

/// What went wrong with a measurement.
struct BenchmarkFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A server under load.
final class ServerProcess {
  static let core = "0"

  let port: Int
  /// Where it speaks HTTP/2.
  let http2Port: Int
  private let process: Process

  private init(_ program: String, _ arguments: [String], port: Int, http2Port: Int? = nil) throws {
    self.port = port
    self.http2Port = http2Port ?? port
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // taskset replaces itself by the program, so the identifier is the server's.
    process.arguments = ["taskset", "-c", Self.core, program] + arguments
    try process.run()
    try waitUntilItAnswers()
  }

  /// This program, serving.
  static func ours(_ folder: TestFiles) throws -> ServerProcess {
    try ServerProcess(
      URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path,
      ["serve", folder.path, "18081"], port: 18_081)
  }

  /// nginx with what it has for speed: one worker, sendfile, cached descriptors, no log.
  static func nginx(_ folder: TestFiles) throws -> ServerProcess {
    let configuration = """
      daemon off;
      master_process off;
      pid \(folder.path)/nginx.pid;
      error_log \(folder.path)/nginx.log;
      events { worker_connections 4096; use epoll; multi_accept on; }
      http {
        access_log off;
        sendfile on;
        tcp_nopush on;
        tcp_nodelay on;
        open_file_cache max=100 inactive=1h;
        open_file_cache_valid 1h;
        keepalive_requests 1000000000;
        client_body_temp_path \(folder.path)/body;
        proxy_temp_path \(folder.path)/proxy;
        fastcgi_temp_path \(folder.path)/fastcgi;
        uwsgi_temp_path \(folder.path)/uwsgi;
        scgi_temp_path \(folder.path)/scgi;
        server { listen 127.0.0.1:18082; root \(folder.path)/files; }
        server { listen 127.0.0.1:18083 http2; root \(folder.path)/files; http2_max_concurrent_streams 128; }
      }
      """
    let file = folder.path + "/nginx.conf"
    try configuration.write(toFile: file, atomically: false, encoding: .utf8)
    return try ServerProcess("nginx", ["-c", file, "-p", folder.path], port: 18_082, http2Port: 18_083)
  }

  /// nghttp2's own server, with one thread.
  static func nghttpd(_ folder: TestFiles) throws -> ServerProcess {
    try ServerProcess(
      "nghttpd", ["--no-tls", "-n1", "-a127.0.0.1", "-d\(folder.path)/files", "18084"], port: 18_084)
  }

  /// A Python program that is told its port, run with the peers that ops/setup installs.
  static func python(_ script: String, port: Int) throws -> ServerProcess {
    let python = FileManager.default.currentDirectoryPath + "/../.venv/bin/python"
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw BenchmarkFailure("\(python) is missing: run ops/setup, which installs the peers, and ops/bench")
    }
    return try ServerProcess(python, ["-c", script, "\(port)"], port: port)
  }

  private func waitUntilItAnswers() throws {
    for _ in 0..<200 {
      if !process.isRunning { throw BenchmarkFailure("the server on port \(port) ended at once") }
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = UInt16(port).bigEndian
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      if result == 0 { return }
      usleep(20_000)
    }
    throw BenchmarkFailure("the server on port \(port) does not answer")
  }

  /// The time that the scheduler gave to all of its threads.
  func cpuNanoseconds() throws -> UInt64 {
    let tasks = "/proc/\(process.processIdentifier)/task"
    return try FileManager.default.contentsOfDirectory(atPath: tasks).reduce(0) { sum, task in
      let text = try String(contentsOfFile: "\(tasks)/\(task)/schedstat", encoding: .utf8)
      guard let first = text.split(separator: " ").first, let time = UInt64(first) else {
        throw BenchmarkFailure("the kernel keeps no schedstat")
      }
      return sum + time
    }
  }

  /// How often our server's process has allocated memory so far.
  func allocations() throws -> Int {
    let curl = Process()
    curl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    curl.arguments = ["curl", "-sS", "http://127.0.0.1:\(port)/allocations"]
    let output = Pipe()
    curl.standardOutput = output
    try curl.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    curl.waitUntilExit()
    guard let count = Int(text) else { throw BenchmarkFailure("no count of allocations: \(text)") }
    return count
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }
}

/// The files that both serve.
final class TestFiles {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "varve-bench-net-\(getpid())"
    try FileManager.default.createDirectory(atPath: path + "/files", withIntermediateDirectories: true)
    // nginx drops its rights when it has some, and must still get here.
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    for (name, size) in TestedServer.files {
      let bytes = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 131 >> 3) })
      try bytes.write(to: URL(fileURLWithPath: "\(path)/files/\(name)"))
    }
  }

  func remove() {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      print("left behind: \(path): \(error)")
    }
  }
}
