// A certificate for localhost that vouches for itself, made by the openssl program.

import Peers
import TLS

/// A certificate and its key, and what both ends need to speak TLS by it. The files are removed with it.
final class TestCertificate {
  private let folder: TemporaryFolder
  /// The certificate's file, and its key's.
  let (path, keyPath): (String, String)
  let server: TLSServerContext
  /// Trusts nobody else.
  let client: TLSClientContext

  init() throws {
    folder = try TemporaryFolder()
    (path, keyPath) = (folder.path("certificate"), folder.path("key"))
    _ = try ForeignProgram.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", keyPath,
        "-out", path,
      ])
    server = try TLSServerContext(
      TLSServerConfiguration(identities: [TLSIdentity(certificateFile: path, keyFile: keyPath)]))
    client = try TLSClientContext(TLSClientConfiguration(trust: .authorities(file: path)))
  }
}
