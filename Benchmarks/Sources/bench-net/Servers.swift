// The servers of a run. Each is started when the first row asks for it.

import Foundation
import Peers

/// Ours and its peers.
final class Servers {
  let folder: TestFiles
  private var running: [String: ServerProcess] = [:]

  init() throws { folder = try TestFiles() }

  private func server(_ name: String, _ start: () throws -> ServerProcess) throws -> ServerProcess {
    if let server = running[name] { return server }
    let server = try start()
    running[name] = server
    return server
  }

  /// This program, serving.
  func ours() throws -> ServerProcess {
    try server("ours") {
      try ServerProcess(
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path, ["serve", folder.path],
        port: TestedServer.port, tlsPort: TestedServer.tlsPort, grpcPort: TestedServer.grpcPort)
    }
  }

  /// nginx with what it has for speed: one worker, sendfile, cached descriptors, no log.
  func nginx() throws -> ServerProcess {
    try server("nginx") {
      let configuration = """
        daemon off;
        master_process off;
        pid \(folder.path)/nginx.pid;
        error_log \(folder.path)/nginx.log;
        events { worker_connections 16384; use epoll; multi_accept on; }
        http {
          access_log off;
          sendfile on;
          tcp_nopush on;
          tcp_nodelay on;
          open_file_cache max=100 inactive=1h;
          open_file_cache_valid 1h;
          keepalive_requests 1000000000;
          keepalive_timeout 1h;
          client_body_temp_path \(folder.path)/body;
          proxy_temp_path \(folder.path)/proxy;
          fastcgi_temp_path \(folder.path)/fastcgi;
          uwsgi_temp_path \(folder.path)/uwsgi;
          scgi_temp_path \(folder.path)/scgi;
          server { listen 127.0.0.1:18082 backlog=4096; root \(folder.path)/files; }
          server { listen 127.0.0.1:18083 backlog=4096 http2; root \(folder.path)/files; http2_max_concurrent_streams 128; }
          server {
            listen 127.0.0.1:18087 backlog=4096 ssl;
            root \(folder.path)/files;
            ssl_certificate \(folder.certificate);
            ssl_certificate_key \(folder.key);
            ssl_protocols TLSv1.3;
          }
        }
        """
      let file = folder.path + "/nginx.conf"
      try configuration.write(toFile: file, atomically: false, encoding: .utf8)
      return try ServerProcess(
        "nginx", ["-c", file, "-p", folder.path], port: 18_082, http2Port: 18_083, tlsPort: 18_087)
    }
  }

  /// nghttp2's own server, with one thread.
  func nghttpd() throws -> ServerProcess {
    try server("nghttpd") {
      try ServerProcess(
        "nghttpd", ["--no-tls", "-n1", "-a127.0.0.1", "-d\(folder.path)/files", "18084"], port: 18_084)
    }
  }

  /// A server of gRPC in Python. The caller stops it.
  func grpcio(_ script: String) throws -> ServerProcess {
    _ = try ForeignProgram.run(
      "protoc",
      [
        "-I", Repository.root.appendingPathComponent("Schemas/testing").path, "--python_out", folder.path,
        "echo.proto",
      ])
    return try ServerProcess.python(script, [folder.path], port: 18_089)
  }

  /// Ends all of them.
  func stop() {
    for server in running.values { server.stop() }
    running = [:]
  }
}

/// The files that both serve, and the certificate that they do it by.
final class TestFiles {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: path + "/files", withIntermediateDirectories: true)
    // nginx drops its rights when it has some, and must still get here.
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    for (name, size) in TestedServer.files {
      let bytes = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 131 >> 3) })
      try bytes.write(to: URL(fileURLWithPath: "\(path)/files/\(name)"))
    }
    try Data("hello".utf8).write(to: URL(fileURLWithPath: "\(path)/files/hello"))
    _ = try ForeignProgram.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key,
        "-out", certificate,
      ])
  }

  var path: String { folder.path }
  var certificate: String { Self.certificate(in: path) }
  var key: String { Self.key(in: path) }

  static func certificate(in folder: String) -> String { folder + "/certificate.pem" }
  static func key(in folder: String) -> String { folder + "/key.pem" }
}
