// A certificate for localhost that vouches for itself, made by the openssl program.

import Peers

/// A certificate and its key. The files are removed with it.
final class TestCertificate: Sendable {
  /// The certificate's file.
  let path: String
  /// What tells a server to speak TLS by it.
  let settings: [String]
  nonisolated(unsafe) private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let keyPath = folder.path("key")
    path = folder.path("certificate")
    _ = try ForeignProgram.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", keyPath,
        "-out", path,
      ])
    settings = ["certificate=\(path)", "key=\(keyPath)"]
  }
}
