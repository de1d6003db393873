// How long a connection of HTTP/2 is kept, and how its peer is asked whether it is still there.

import Runtime

/// The times of a client's connection.
package struct HTTP2ClientOptions: Hashable, Sendable {
  /// After so long without a byte from the peer it is asked for a sign of life (PING); nil for never.
  package var keepalive: Duration?
  /// How long it may take to give one.
  package var keepaliveTimeout = Duration.seconds(20)
  /// Whether it is asked while there are no streams, too.
  package var keepaliveWithoutStreams = false
  /// After so long without streams the connection is closed; nil for never.
  package var idle: Duration?
  /// For the peer's first SETTINGS.
  package var settingsTimeout = Duration.seconds(10)
  /// How long the peer may take nothing of what is sent.
  package var stallTimeout = Duration.seconds(60)

  /// No sign of life is asked for, and a connection is kept until it is closed.
  package init() {}
}
