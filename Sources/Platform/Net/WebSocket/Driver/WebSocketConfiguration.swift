// How a connection is run: what it may receive, what may wait to be sent, and how long things may take.

public import Runtime

/// How a connection is run.
public struct WebSocketConfiguration: Sendable {
  /// What may be received.
  public var limits = WebSocketLimits()
  /// What may wait to be sent.
  public var sendQueue = SendQueueLimits()
  /// What to do with a message for a peer whose queue is full, when the sender will not wait.
  public var slowConsumer: @Sendable (SlowConsumer) -> SlowConsumer.Decision = { _ in
    .close(CloseFrame(.tryAgainLater, "too slow"))
  }
  /// How long things may take.
  public var timeouts = WebSocketTimeouts()
  /// Where a client's mask keys come from.
  public var random: any RandomSource = SystemRandom()

  /// The usual configuration.
  public init() {}
}

/// What may wait to be sent on one connection.
public struct SendQueueLimits: Hashable, Sendable {
  /// Messages.
  public var messagesMaximum = 1024
  /// Their bytes. A message is let in while fewer wait, so one more message than this may be there.
  public var bytesMaximum = 1 << 20

  /// The usual limits.
  public init() {}
}

/// How long things may take on one connection.
public struct WebSocketTimeouts: Hashable, Sendable {
  /// How long a peer may be silent before it is pinged; nil never pings.
  public var pingAfter: Duration? = .seconds(30)
  /// How long a pinged peer may stay silent before the connection is given up.
  public var pong = Duration.seconds(20)
  /// For the peer to take what is handed to the kernel at once: at most the send queue and a message.
  public var write = Duration.seconds(30)
  /// For the peer to answer our close frame.
  public var close = Duration.seconds(5)
  /// For the peer to close its end once both close frames are exchanged.
  public var linger = Duration.seconds(2)
  /// For a client: to connect and to be answered.
  public var connect = Duration.seconds(10)

  /// The usual times.
  public init() {}
}
