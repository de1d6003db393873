// Loops, schemas and connections for tests of the PostgreSQL side. The server is shared; each test has a schema of its
// own on it.

import Foundation
import Glibc
import Peers
import Runtime
import Synchronization
import Testing

@testable import Database

/// A schema of its own on the shared server.
struct TestSchema: Sendable {
  let server: PostgresServer
  let name: String
  var settings: PostgresSettings

  init(_ server: PostgresServer? = nil) throws {
    self.server = try server ?? PostgresServer.shared.get()
    name = "Test \(UUID().uuidString)"
    settings = try PostgresSettings(self.server.address())
    settings.schema = name
  }

  /// Makes it, and runs `script` in it.
  func make(_ script: String, on loop: EventLoop) async throws(DatabaseError) {
    // With the usual patience, whatever the test is going to be like.
    var patient = try PostgresSettings(server.address())
    patient.schema = name
    let connection = try await PostgresConnection.connect(patient, on: loop)
    try await connection.run(script: "CREATE SCHEMA \"\(name)\"; \(script)")
    connection.close()
  }
}

/// Runs `body` with loops of its own, and waits for their end.
func withLoops<Result>(
  _ count: Int = 1, time: any TimeSource = SystemTime(),
  _ body: (EventLoopGroup) async throws -> Result
) async throws -> Result {
  var configuration = EventLoopGroup.Configuration(loops: count)
  configuration.poolThreads = 2
  configuration.name = "test"
  configuration.time = time
  let group = try EventLoopGroup(configuration)
  do {
    let result = try await body(group)
    await group.shutdown()
    return result
  } catch {
    await group.shutdown()
    throw error
  }
}

/// Runs `body` on a loop of its own, with a connection to a new schema in which `script` was run.
func withConnection(
  _ script: String = "", change: @Sendable (inout PostgresSettings) -> Void = { _ in },
  _ body: @escaping @Sendable (PostgresConnection, TestSchema) async throws -> Void
) async throws {
  var schema = try TestSchema()
  change(&schema.settings)
  let made = schema
  try await withLoops { group in
    let loop = group.next()
    try await loop.run { () async throws in
      try await made.make(script, on: loop)
      let connection = try await PostgresConnection.connect(made.settings, on: loop)
      try await body(connection, made)
      connection.close()
    }
  }
}

/// What `body` throws, as a `DatabaseError`; nil when it throws nothing.
func failure(_ body: () async throws -> Void) async -> DatabaseError? {
  do {
    try await body()
    return nil
  } catch let error as DatabaseError {
    return error
  } catch {
    Issue.record("threw \(error)")
    return nil
  }
}

/// A listener that accepts into its backlog and never says a word.
final class SilentListener: Sendable {
  let descriptor: Int32
  let port: UInt16

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(isBound)
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }
}

/// What several tasks count together.
final class Tally: Sendable {
  private let number = Atomic(0)
  var count: Int { number.load(ordering: .acquiring) }
  @discardableResult func add(_ more: Int = 1) -> Int {
    number.add(more, ordering: .acquiringAndReleasing).newValue
  }
  func raise(to least: Int) { number.max(least, ordering: .acquiringAndReleasing) }
}
