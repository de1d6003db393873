// A server's side of TLS: what its sessions are made from, and how new files take effect without a restart.

public import Runtime

/// What a server's TLS sessions are made from. Any loop may use it.
public final class TLSServerContext: Sendable {
  /// What it was set up with.
  public let configuration: TLSServerConfiguration

  private let tickets: TLSTicketKeys
  private let credentials: Locked<TLSServerCredentials>

  /// Reads the files that `configuration` names. It blocks for as long as that takes.
  ///
  /// - Parameters:
  ///   - configuration: who the server is, and whom it lets in.
  ///   - time: what the age of ticket keys is measured by.
  public init(
    _ configuration: TLSServerConfiguration, time: any TimeSource = SystemTime()
  ) throws(TLSError) {
    self.configuration = configuration
    tickets = TLSTicketKeys(lifetime: configuration.sessionLifetime, time: time)
    credentials = Locked(try TLSServerCredentials(configuration, tickets: tickets))
  }

  /// Reads the files again: handshakes that begin from now on go by what is in them, connections that are open
  /// stay as they are. When it throws, nothing has changed. It blocks: not for an event loop.
  public func reload() throws(TLSError) {
    let fresh = try TLSServerCredentials(configuration, tickets: tickets)
    // Dropped after the lock is.
    var stale = fresh
    credentials.withLock { swap(&$0, &stale) }
  }

  /// What the certificates in use say, in the order of `configuration.identities`: for a metric or a check that
  /// warns before one of them expires.
  public var certificates: [TLSCertificate] { credentials.withLock { $0 }.certificates }

  /// A session with the next client.
  public func makeSession() -> TLSSession { credentials.withLock { $0 }.makeSession() }
}
