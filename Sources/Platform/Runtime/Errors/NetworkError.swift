// Why something with sockets or loops failed. Cases carry what an operator needs to act.

/// Why a network operation failed.
public enum NetworkError: Error, Hashable, Sendable {
  /// The peer, or the network between, ended the connection.
  case closed
  /// The deadline passed first.
  case timedOut
  /// The task was cancelled, or its loop is stopping.
  case cancelled
  /// The server is draining, and the wait had said that it would give way.
  case draining
  /// The peer sent more than the reader is allowed to hold unread.
  case inputLimit(bytes: Int)
  /// A file ended before the bytes that were promised to the peer.
  case fileTruncated(bytesMissing: Int)
  /// No address of the peer could be connected to; this is what the last one said.
  case unreachable(SocketAddress, SystemError)
  /// The address is in use by somebody who is alive.
  case addressInUse(SocketAddress)
  /// The address cannot be listened on.
  case cannotListen(SocketAddress, SystemError)
  /// The text is no socket address.
  case malformedAddress(String)
  /// The name has no address.
  case unknownHost(String, reason: String)
  /// Blocking work on behalf of the connection was not done.
  case pool(PoolError)
  /// A thread could not be started.
  case thread(ThreadError)
  /// The connection is encrypted, and that failed.
  case tls(TLSFailure)
  /// The kernel refused.
  case system(SystemError)
}
