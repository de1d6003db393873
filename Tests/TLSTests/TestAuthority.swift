// Certificates for tests, made by the openssl program when the first test asks: an authority, servers, clients.

import Foundation
import Peers
import TLS

/// An authority and what it signed, in a folder of its own.
final class TestAuthority: Sendable {
  /// The one that all tests share.
  static let shared: Result<TestAuthority, any Error> = Result { try TestAuthority() }

  private let folder: String

  /// Where a file of the authority is.
  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// The files of the certificate called `name`.
  func identity(_ name: String) -> TLSIdentity {
    TLSIdentity(certificateFile: path("\(name).pem"), keyFile: path("\(name).key"))
  }

  private init() throws {
    folder = NSTemporaryDirectory() + "varve-tls-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    _ = try ForeignProgram.run("bash", ["-euc", Self.script, "make", folder])
    // Held until the process ends, like the certificates themselves.
    atexit { if case .success(let made) = TestAuthority.shared { made.remove() } }
  }

  private func remove() {
    do { try FileManager.default.removeItem(atPath: folder) } catch { print("could not remove \(folder)") }
  }

  private static let script = """
    cd "$1"
    ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    authority() {
      openssl req -x509 $ec -subj "/CN=$2" -keyout "$1.key" -out "$1.pem" \\
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
    }
    signed() { # name, subject, extensions, key options, signer
      openssl req -new $4 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr"
      printf '%b' "$3" > "$1.ext"
      openssl x509 -req -in "$1.csr" -CA "$5.pem" -CAkey "$5.key" -CAcreateserial -days 2 \\
        -extfile "$1.ext" -out "$1.leaf"
      cat "$1.leaf" > "$1.pem"
    }
    p256="-newkey ec -pkeyopt ec_paramgen_curve:P-256"
    authority authority "Varve Test Authority"
    authority stranger "Somebody Else"
    signed server "/CN=localhost" "subjectAltName=DNS:localhost,IP:127.0.0.1\\n" "$p256" authority
    signed alpha "/CN=alpha" "subjectAltName=DNS:alpha.example,DNS:www.alpha.example\\n" "$p256" authority
    signed wild "/CN=wild" "subjectAltName=DNS:*.beta.example\\n" "-newkey rsa:2048" authority
    signed unnamed "/CN=Common.Example" "basicConstraints=CA:FALSE\\n" "$p256" authority
    signed client "/O=Varve/CN=alice" \\
      "subjectAltName=DNS:alice.example,URI:spiffe://varve/alice,IP:::1\\nextendedKeyUsage=clientAuth\\n" \\
      "$p256" authority
    signed outsider "/CN=mallory" "extendedKeyUsage=clientAuth\\n" "$p256" stranger
    signed between "/CN=Between" "basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign\\n" \\
      "$p256" authority
    signed chained "/CN=localhost" "subjectAltName=DNS:localhost\\n" "$p256" between
    cat chained.leaf between.leaf > chained.pem
    openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -days -1 -extfile server.ext -out expired.pem
    cp server.key expired.key
    openssl ec -in server.key -aes256 -passout pass:secret -out encrypted.key
    openssl req -x509 -newkey rsa:1024 -nodes -days 2 -subj /CN=weak -keyout weak.key -out weak.pem
    echo nonsense > nonsense.pem
    printf -- '-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n' > broken.pem
    """
}

/// The authority that all tests share.
func authority() throws -> TestAuthority { try TestAuthority.shared.get() }

/// A server called localhost, and whatever else is asked for.
func serverContext(_ change: (inout TLSServerConfiguration) throws -> Void = { _ in }) throws
  -> TLSServerContext
{
  var configuration = TLSServerConfiguration(identities: [try authority().identity("server")])
  try change(&configuration)
  return try TLSServerContext(configuration)
}

/// A client that trusts the tests' authority, and whatever else is asked for.
func clientContext(_ change: (inout TLSClientConfiguration) throws -> Void = { _ in }) throws
  -> TLSClientContext
{
  var configuration = TLSClientConfiguration(trust: .authorities(file: try authority().path("authority.pem")))
  try change(&configuration)
  return try TLSClientContext(configuration)
}
