// Asks OpenSSL once, at start, for everything this module will want of it. A provider configuration that
// takes an algorithm away (FIPS mode has no MD5) is then an error at start, not a crash under load.

import COpenSSL

/// The OpenSSL this process runs with.
public enum CryptoLibrary {
  /// OpenSSL's own name for its version.
  public static var version: String { String(cString: OpenSSL_version(OPENSSL_VERSION)) }

  /// Checks that every algorithm of this module can be had. Call it once, before serving.
  public static func verify() throws(CryptoError) {
    var missing: [String] = []
    for algorithm in HashAlgorithm.allCases where !isAvailable(digest: algorithm.name) {
      missing.append(algorithm.name)
    }
    for algorithm in AEADAlgorithm.allCases where !isAvailable(cipher: algorithm.name) {
      missing.append(algorithm.name)
    }
    for name in ["X25519", "ED25519", "EC", "RSA"] where !isAvailable(key: name) { missing.append(name) }
    if !isAvailable(mac: "HMAC") { missing.append("HMAC") }
    OpenSSLQueue.clear()
    if !missing.isEmpty {
      throw .openSSL(
        operation: "provide \(missing.joined(separator: ", "))",
        queue: "\(version); see the providers in its openssl.cnf")
    }
  }

  static func isAvailable(digest name: String) -> Bool {
    guard let found = EVP_MD_fetch(nil, name, nil) else { return false }
    EVP_MD_free(found)
    return true
  }

  static func isAvailable(cipher name: String) -> Bool {
    guard let found = EVP_CIPHER_fetch(nil, name, nil) else { return false }
    EVP_CIPHER_free(found)
    return true
  }

  static func isAvailable(key name: String) -> Bool {
    guard let found = EVP_KEYMGMT_fetch(nil, name, nil) else { return false }
    EVP_KEYMGMT_free(found)
    return true
  }

  static func isAvailable(mac name: String) -> Bool {
    guard let found = EVP_MAC_fetch(nil, name, nil) else { return false }
    EVP_MAC_free(found)
    return true
  }
}
