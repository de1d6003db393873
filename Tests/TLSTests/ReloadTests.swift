// New certificates without a restart.

import Bytes
import Foundation
import Peers
import Runtime
import TLS
import Testing

@Suite("TLS reload") struct ReloadTests {
  /// Puts the files of `name` where the server looks.
  private func install(_ name: String, in folder: TemporaryFolder) throws {
    let authority = try authority()
    for kind in ["pem", "key"] {
      try Data(contentsOf: URL(fileURLWithPath: authority.path("\(name).\(kind)")))
        .write(to: folder.url("now.\(kind)"))
    }
  }

  private func context(_ folder: TemporaryFolder) throws -> TLSServerContext {
    try serverContext { configuration in
      configuration.identities = [
        TLSIdentity(certificateFile: folder.path("now.pem"), keyFile: folder.path("now.key"))
      ]
    }
  }

  @Test func keepsTheOldOneWhenTheNewOneIsNoGood() throws {
    let folder = try TemporaryFolder()
    try install("server", in: folder)
    let server = try context(folder)
    let before = server.certificates
    let otherKey = try Data(contentsOf: URL(fileURLWithPath: authority().path("alpha.key")))
    try otherKey.write(to: folder.url("now.key"))
    #expect(
      throws: TLSError.keyMismatch(certificate: folder.path("now.pem"), key: folder.path("now.key"))
    ) { try server.reload() }
    try FileManager.default.removeItem(at: folder.url("now.pem"))
    #expect(
      throws: TLSError.unreadable(
        path: folder.path("now.pem"), SystemError(code: ENOENT, operation: "open"))
    ) { try server.reload() }
    #expect(server.certificates == before)
    var pair = try SessionPair(clientContext(), server)
    pair.shakeHands()
    #expect(pair.failure == nil)
  }

  @Test func letsASessionGoOnWithWhatItBegan() throws {
    let folder = try TemporaryFolder()
    try install("server", in: folder)
    let server = try context(folder)
    var begun = try SessionPair(clientContext(), server)
    try install("chained", in: folder)
    try server.reload()
    begun.shakeHands()
    #expect(begun.client.info?.peerCertificate?.issuer == "CN=Varve Test Authority")
    var fresh = try SessionPair(clientContext(), server)
    fresh.shakeHands()
    #expect(fresh.client.info?.peerCertificate?.issuer == "CN=Between")
    #expect(try begun.clientSays("still here") == "still here")
  }

  @Test func losesNobodyUnderLoad() async throws {
    let folder = try TemporaryFolder()
    try install("server", in: folder)
    let server = try context(folder)
    let client = try clientContext { $0.resumesSessions = false }
    try await withLoops(2) { group in
      let echo = try EchoServer(on: group, server)
      let address = echo.address
      let isOver = Locked(false)
      let seen = Locked<[String: Int]>([:])
      let load = Task {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
          for number in 0..<8 {
            tasks.addTask {
              let loop = group.next()
              while !isOver.withLock({ $0 }) {
                let issuer = try await loop.run { () async throws(NetworkError) in
                  var transport = try await connect(address, client)
                  let sent = pattern(3000, seed: UInt64(number))
                  let back = try await transport.exchange(sent)
                  precondition(back == sent, "other bytes came back")
                  return transport.security?.peerCertificate?.issuer ?? ""
                }
                seen.withLock { $0[issuer, default: 0] += 1 }
              }
            }
          }
          try await tasks.waitForAll()
        }
      }
      for round in 0..<8 {
        try install(round % 2 == 0 ? "chained" : "server", in: folder)
        try await group.blocking { try server.reload() }
        let before = seen.withLock { $0.values.reduce(0, +) }
        while seen.withLock({ $0.values.reduce(0, +) }) < before + 8 { await Task.yield() }
      }
      isOver.withLock { $0 = true }
      try await load.value
      #expect(seen.withLock { Set($0.keys) } == ["CN=Between", "CN=Varve Test Authority"])
    }
  }
}
