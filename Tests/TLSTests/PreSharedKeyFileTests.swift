// Pre-shared keys in files: what is a line, what is not, and new keys without a restart.

import Crypto
import Foundation
import Peers
import TLS
import Testing

@Suite("Files of pre-shared keys") struct PreSharedKeyFileTests {
  private static let key = "000102030405060708090a0b0c0d0e0f"

  private func parse(_ text: [UInt8]) throws -> [String: SecretBytes] {
    try text.withUnsafeBytes { try TLSPreSharedKeyFile.parse($0, path: "keys") }
  }

  @Test func readsALineForEachKey() throws {
    let text = "# two\n\nalice:\(Self.key)\r\nurn:x:bob:\(String(repeating: "Ff", count: 64))"
    let keys = try parse(Array(text.utf8))
    #expect(keys.keys.sorted() == ["alice", "urn:x:bob"])
    #expect(keys["alice"]?.withUnsafeBytes { Array($0) } == Array(0..<16))
    #expect(keys["urn:x:bob"]?.withUnsafeBytes { Array($0) } == [UInt8](repeating: 255, count: 64))
  }

  @Test(
    "Anything else is refused, with its line and without its key",
    arguments: [
      ("", "no key in it"), ("# none\n\n", "no key in it"), ("alice", "line 1: not written"),
      ("\nalice \(key)", "line 2: not written"), ("alice:", "line 1: the key has 0 bytes"),
      ("alice:\(key)0", "line 1: the key is not hexadecimal"),
      ("alice: \(key)0", "line 1: the key is not hexadecimal"),
      ("alice:\(key.dropLast(2))", "line 1: the key has 15 bytes"),
      ("alice:\(String(repeating: "00", count: 65))", "line 1: the key has 65 bytes"),
      (":\(key)", "line 1: the identity has 0 bytes"),
      ("\(String(repeating: "a", count: 257)):\(key)", "line 1: the identity has 257 bytes"),
      ("a\u{7}b:\(key)", "line 1: the identity is no text"),
      ("alice:\(key)\nalice:\(key)", "line 2: the identity was there before"),
      ("alice:\(key) # mine", "line 1: the key is not hexadecimal"),
    ])
  func refuses(text: String, reason: String) throws {
    let error = #expect(throws: TLSError.self) { try parse(Array(text.utf8)) }
    guard case .malformed("keys", let said) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(said.hasPrefix(reason))
    #expect(!said.contains(Self.key.prefix(8)))
  }

  @Test func refusesWhatIsNoText() {
    #expect(throws: TLSError.self) { try parse([0xff, 0xfe] + Array(":\(Self.key)".utf8)) }
  }

  @Test func refusesMoreThanItsMaximum() {
    let lines = (0...TLSPreSharedKeyFile.keysMaximum).map { "\($0):\(Self.key)\n" }.joined()
    #expect(throws: TLSError.malformed(path: "keys", reason: "more than 10000 keys")) {
      try parse(Array(lines.utf8))
    }
  }

  @Test func keepsItsKeysWhenTheNewOnesAreNoGoodOrOtherThingsAreNot() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("keys")
    try Data("alice:\(Self.key)\n".utf8).write(to: folder.url("keys"))
    let file = try TLSPreSharedKeyFile(path)
    try Data("bob\n".utf8).write(to: folder.url("keys"))
    #expect(throws: TLSError.self) { try file.reload() }
    #expect(file.count == 1 && file.key(of: "alice") != nil)
    try Data("bob:\(Self.key)\ncarol:\(Self.key)\n".utf8).write(to: folder.url("keys"))
    #expect(throws: TLSError.noIdentity) {
      try file.reload { () throws(TLSError) in throw .noIdentity }
    }
    #expect(file.key(of: "alice") != nil)
    try file.reload()
    #expect(file.count == 2 && file.key(of: "alice") == nil && file.key(of: "bob") != nil)
    #expect(throws: TLSError.self) { _ = try TLSPreSharedKeyFile(folder.path("nothing")) }
  }
}
