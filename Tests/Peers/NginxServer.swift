// nginx on a socket of its own, serving one file: what other people's clients are used to.

import Foundation
import Glibc

/// A running nginx.
public final class NginxServer {
  private static let program = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Whether there is one to run.
  public static var isInstalled: Bool { program != nil }

  private let folder: TemporaryFolder
  private let process = Process()
  private let log = Pipe()

  /// The Unix socket that it listens on.
  public var socket: String { folder.path("socket") }

  /// Starts an nginx that serves the text as a file changed at a moment, and waits until it listens.
  public init(file: String, text: String, modifiedSeconds: Int64) throws {
    guard let program = Self.program else { throw ForeignProgram.Failure("nginx is not installed") }
    folder = try TemporaryFolder()
    try Data(text.utf8).write(to: folder.url(file))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: TimeInterval(modifiedSeconds))],
      ofItemAtPath: folder.path(file))
    // Whoever runs it: its workers have to reach the folder, which is for its owner alone.
    let configuration = """
      \(getuid() == 0 ? "user root;" : "")
      daemon off; worker_processes 1; pid \(folder.path("pid")); error_log stderr notice;
      events { worker_connections 64; }
      http {
        types { text/plain txt; }
        access_log off; if_modified_since before; max_ranges 16;
        client_body_temp_path \(folder.path("a")); proxy_temp_path \(folder.path("b"));
        fastcgi_temp_path \(folder.path("c")); uwsgi_temp_path \(folder.path("d"));
        scgi_temp_path \(folder.path("e"));
        server { listen unix:\(folder.path("socket")); root \(folder.path); }
      }
      """
    try Data(configuration.utf8).write(to: folder.url("nginx.conf"))
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["-p", folder.path, "-c", folder.path("nginx.conf"), "-e", "stderr"]
    process.standardError = log
    try ForeignProgram.start(process)
    // It says so when it has a worker, and before that it has the socket.
    var said = Data()
    while said.range(of: Data("start worker process".utf8)) == nil {
      let more = log.fileHandleForReading.available()
      guard !more.isEmpty else {
        throw ForeignProgram.Failure("nginx ended: \(String(decoding: said, as: UTF8.self))")
      }
      said.append(more)
    }
  }

  deinit {
    process.terminate()
    // It would wait for somebody to read its last words.
    log.fileHandleForReading.readabilityHandler = { _ = $0.available() }
    process.waitUntilExit()
    log.fileHandleForReading.readabilityHandler = nil
  }
}
