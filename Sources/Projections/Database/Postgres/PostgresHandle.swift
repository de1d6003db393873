// libpq's connection and the watch on its socket: connecting, waiting and closing, nothing of statements. libpq
// never blocks here: names are looked up by the loop's pool, the socket is non-blocking, and every wait is the loop's.

import COpenSSL
import CPostgres
import Glibc
import Runtime

/// A connection of libpq's, on one loop.
///
/// `@unchecked Sendable`: used on its loop only, which the watch checks; who drops the last reference, anywhere, is the
/// only one to have it.
final class PostgresHandle: @unchecked Sendable {
  /// What libpq holds; not to be kept across a wait, since the connection may be closed meanwhile.
  private(set) var connection: OpaquePointer?
  let loop: EventLoop
  private var watch: WatchedDescriptor?

  /// Takes over a connection that is being made.
  init(_ connection: OpaquePointer, on loop: EventLoop) {
    self.connection = connection
    self.loop = loop
  }

  deinit { close() }

  /// Closes the connection. Closing twice does nothing.
  func close() {
    guard let connection else { return }
    watch = nil
    PQfinish(connection)
    self.connection = nil
  }

  /// Ends the watch: libpq may be about to close its socket and to open another.
  func unwatch() { watch = nil }

  /// Waits until the socket is ready for one of `interests`, or broken.
  func wait(
    for interests: WatchedDescriptor.Interest, until deadline: MonotonicInstant
  ) async throws(NetworkError) {
    guard let connection else { throw .closed }
    // Bytes that TLS has taken from the kernel and libpq has not taken from TLS: no event will tell of them.
    if interests.contains(.readable) && hasUndeliveredBytes { return }
    let watch: WatchedDescriptor
    if let present = self.watch {
      watch = present
    } else {
      let descriptor = PQsocket(connection)
      guard descriptor >= 0 else { throw .closed }
      watch = try WatchedDescriptor(descriptor, on: loop)
      self.watch = watch
    }
    try await watch.wait(for: interests, until: deadline)
  }

  private var hasUndeliveredBytes: Bool {
    guard let session = PQsslStruct(connection, "OpenSSL") else { return false }
    return SSL_pending(OpaquePointer(session)) > 0
  }

  /// What libpq has to say of the connection as a whole.
  var complaint: String {
    let text = PostgresFailure.whole(PQerrorMessage(connection))
    return text.isEmpty ? "it was closed" : text
  }

  /// Whether the server has neither closed the connection nor said anything since the last answer. For idle connections.
  func isQuiet() -> Bool {
    guard let connection, PQstatus(connection) == CONNECTION_OK else { return false }
    // A notice or a changed setting is no harm; the end is. What is before the end is read first.
    for _ in 0..<Self.looksMaximum where watch?.isReady(for: .readable) == true {
      guard PQconsumeInput(connection) == 1, PQisBusy(connection) == 0 else { return false }
    }
    return PQstatus(connection) == CONNECTION_OK
  }

  /// How often an idle connection is read before it is used: a last complaint, the end, and one to spare.
  private static let looksMaximum = 3
}
