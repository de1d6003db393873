// Certificates for a node under test, made by the openssl program: an authority, and whatever it signs.

import Foundation
import Peers

/// A folder with an authority, `authority.pem`, and certificates that it signed.
struct Certificates {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    _ = try ForeignProgram.run(
      "openssl",
      ["req", "-x509"] + Self.key + [
        "-days", "2", "-subj", "/CN=Varve Test Authority", "-keyout", folder.path("authority.key"), "-out",
        folder.path("authority.pem"), "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
        "keyUsage=critical,keyCertSign",
      ])
  }

  private static let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

  func path(_ name: String) -> String { folder.path(name) }

  /// Signs a certificate for localhost, `NAME.pem` with its key in `NAME.key`, in the place of one that was there.
  func sign(_ name: String, serial: Int, days: Int = 30) throws {
    _ = try ForeignProgram.run(
      "openssl",
      ["req", "-new"] + Self.key + [
        "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
        path("\(name).key"), "-out", path("\(name).csr"),
      ])
    _ = try ForeignProgram.run(
      "openssl",
      [
        "x509", "-req", "-in", path("\(name).csr"), "-CA", path("authority.pem"), "-CAkey",
        path("authority.key"), "-set_serial", "\(serial)", "-days", "\(days)", "-copy_extensions", "copyall",
        "-out", path("\(name).pem"),
      ])
  }

  /// Settings that have the admin port show the certificate called `name`.
  func settings(_ name: String) -> [String] {
    ["admin.tls.certificate_file=\(path("\(name).pem"))", "admin.tls.key_file=\(path("\(name).key"))"]
  }
}
