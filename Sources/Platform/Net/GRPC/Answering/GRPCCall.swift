// A call, as those who answer it see it besides its messages.

package import Bytes
public import Runtime
import Wire

/// A call that is being answered.
public final class GRPCCall: Sendable {
  /// The metadata that goes back.
  private struct Answering {
    var hasBegun = false
    var head = GRPCMetadata()
    var trailers = GRPCMetadata()
  }

  /// Which method is called.
  public let path: GRPCPath
  /// What came with the call.
  public let metadata: GRPCMetadata
  /// The other end's address.
  public let peer: SocketAddress?
  /// When the caller gives up; nil when it waits for ever. The task that answers is cancelled then.
  public let deadline: MonotonicInstant?
  /// Where the call is answered.
  public let loop: EventLoop
  private let stream: any GRPCServerStream
  private let answering = Locked(Answering())

  package init(
    path: GRPCPath, metadata: GRPCMetadata, peer: SocketAddress?, deadline: MonotonicInstant?,
    loop: EventLoop, stream: any GRPCServerStream
  ) {
    self.path = path
    self.metadata = metadata
    self.peer = peer
    self.deadline = deadline
    self.loop = loop
    self.stream = stream
  }

  /// Whether the server is coming to its end: calls without an end of their own should find one. On the call's loop only.
  public var isDraining: Bool { stream.isDraining }

  // MARK: Metadata of the answer

  /// What goes before the first response. Once that has been sent it is too late to change it.
  public var responseMetadata: GRPCMetadata {
    get { answering.withLock { $0.head } }
    set {
      answering.withLock {
        precondition(!$0.hasBegun, "what precedes the responses is sent with the first")
        $0.head = newValue
      }
    }
  }

  /// What goes with the status, whichever it is.
  public var trailingMetadata: GRPCMetadata {
    get { answering.withLock { $0.trailers } }
    set { answering.withLock { $0.trailers = newValue } }
  }

  /// The metadata for the head that is sent now.
  package func beginAnswer() -> GRPCMetadata {
    answering.withLock {
      $0.hasBegun = true
      return $0.head
    }
  }

  // MARK: Messages

  package func receive() async throws(GRPCStatus) -> ByteBuffer? {
    if loop.isCurrent { return try await stream.receive() }
    return try await loop.run { () throws(GRPCStatus) in try await self.stream.receive() }
  }

  package func send(_ frame: ByteBuffer) async throws(GRPCStatus) {
    if loop.isCurrent { return try await stream.send(frame) }
    try await loop.run { () throws(GRPCStatus) in try await self.stream.send(frame) }
  }
}
