// Reading what a certificate says out of OpenSSL's object for it.

import Bytes
import COpenSSL
import Crypto
import Glibc
import Runtime

extension TLSCertificate {
  /// What `certificate` says.
  init(_ certificate: OpaquePointer) {
    subject = Self.subject(of: certificate)
    commonName = Self.commonName(of: certificate)
    issuer = Self.text(of: X509_get_issuer_name(certificate))
    serial = Self.serial(of: certificate)
    notBefore = Self.moment(X509_get0_notBefore(certificate))
    notAfter = Self.moment(X509_get0_notAfter(certificate))
    fingerprint = Self.fingerprint(of: certificate)
    names = []
    addresses = []
    identifiers = []
    readAlternativeNames(of: certificate)
  }

  /// The subject alone, for messages.
  static func subject(of certificate: OpaquePointer) -> String {
    text(of: X509_get_subject_name(certificate))
  }

  private mutating func readAlternativeNames(of certificate: OpaquePointer) {
    guard let found = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return }
    let list = OpaquePointer(found)
    defer { GENERAL_NAMES_free(list) }
    var type: Int32 = 0
    var start: UnsafePointer<UInt8>?
    var count: Int32 = 0
    var index: Int32 = 0
    while copenssl_alternative_name(list, index, &type, &start, &count) == 1 {
      index += 1
      let bytes = UnsafeBufferPointer(start: start, count: Int(count))
      switch type {
      case GEN_DNS: names.append(String(decoding: bytes, as: UTF8.self).lowercased())
      case GEN_URI: identifiers.append(String(decoding: bytes, as: UTF8.self))
      case GEN_IPADD:
        if let address = Self.address(bytes) { addresses.append(address) }
      default: continue
      }
    }
  }

  private static func address(_ bytes: UnsafeBufferPointer<UInt8>) -> IPAddress? {
    func number(_ part: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64 {
      part.reduce(0) { $0 << 8 | UInt64($1) }
    }
    return switch bytes.count {
    case 4: .v4(UInt32(truncatingIfNeeded: number(bytes[...])))
    case 16: .v6(number(bytes[..<8]), number(bytes[8...]), scope: 0)
    default: nil
    }
  }

  private static func text(of name: OpaquePointer?) -> String {
    guard let bio = BIO_new(BIO_s_mem()) else { preconditionFailure("out of memory for OpenSSL") }
    defer { BIO_free(bio) }
    guard X509_NAME_print_ex(bio, name, 0, copenssl_name_flags()) >= 0 else { return "" }
    return String(decoding: contents(bio), as: UTF8.self)
  }

  private static func contents(_ bio: OpaquePointer) -> [UInt8] {
    let count = Int(BIO_ctrl_pending(bio))
    return [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
      initialized = max(0, Int(BIO_read(bio, bytes.baseAddress, Int32(count))))
    }
  }

  private static func commonName(of certificate: OpaquePointer) -> String? {
    let name = X509_get_subject_name(certificate)
    let index = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
    guard index >= 0, let entry = X509_NAME_get_entry(name, index) else { return nil }
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(entry))
    guard count >= 0, let bytes else { return nil }
    defer { CRYPTO_free(bytes, "", 0) }
    return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
  }

  private static func serial(of certificate: OpaquePointer) -> String {
    guard let number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nil) else { return "" }
    defer { BN_free(number) }
    guard let text = BN_bn2hex(number) else { return "" }
    defer { CRYPTO_free(text, "", 0) }
    return String(cString: text).lowercased()
  }

  private static func moment(_ time: UnsafePointer<ASN1_TIME>?) -> Timestamp {
    var parts = tm()
    guard ASN1_TIME_to_tm(time, &parts) == 1 else { return Timestamp(nanoseconds: 0) }
    // Certificates may be valid for longer than 64 bits of nanoseconds reach.
    let (nanoseconds, overflow) = Int64(timegm(&parts)).multipliedReportingOverflow(by: 1_000_000_000)
    return Timestamp(nanoseconds: overflow ? .max : nanoseconds)
  }

  private static func fingerprint(of certificate: OpaquePointer) -> String {
    var encoded: UnsafeMutablePointer<UInt8>?
    let count = i2d_X509(certificate, &encoded)
    guard count > 0, let encoded else { return "" }
    defer { CRYPTO_free(encoded, "", 0) }
    return SHA256.hash(UnsafeRawBufferPointer(start: encoded, count: Int(count)).bytes).description
  }
}
