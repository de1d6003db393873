// When a request is sent again, and after how long. Deciding is apart from doing, so that it can be tested in
// a table.

import HTTP
import HTTP2
import Runtime

/// When and how often a request is sent again.
///
/// It is sent again when the server cannot have acted on it, whatever it asks; and when the connection was
/// lost under it, if its method is idempotent. In any case its body must not have been begun, or be there to
/// be sent again.
public struct HTTPRetryPolicy: Hashable, Sendable {
  /// How often a request is sent in all.
  public var attemptsMaximum = 3
  /// The wait before the second attempt; each further one is twice as long. What is waited is between half of
  /// it and all of it, by chance.
  public var backoff = Duration.milliseconds(50)
  /// The longest wait.
  public var backoffMaximum = Duration.seconds(2)
  /// Statuses that are asked again about, if they come with Retry-After and the method is idempotent: 429 and
  /// 503, when wanted.
  public var statuses: Set<Int> = []
  /// The longest Retry-After that is waited for; an answer that says more is given to the caller.
  public var retryAfterMaximum = Duration.seconds(10)

  /// Up to three attempts, and no statuses.
  public init() {}

  /// Whether a request that failed is sent again.
  func retries(
    _ error: HTTPClientError, _ method: HTTPMethod, attempt: Int, canSendBody: Bool
  ) -> Bool {
    guard attempt < attemptsMaximum && canSendBody else { return false }
    switch error {
    // There is no use in asking at once for what there was none of.
    case .limitExceeded, .timedOut(.connection, _), .timedOut(.request, _): return false
    case .connectionLost, .reset(.internalError): return error.isSafeToRetry || method.isIdempotent
    default: return error.isSafeToRetry
    }
  }

  /// How long to wait before attempt `attempt` + 1.
  func pause(after error: HTTPClientError, attempt: Int, _ random: some RandomSource) -> Duration {
    switch error {
    // The next connection will do.
    case .connectionClosing, .tooManyStreams: return .zero
    case .connectionLost(_, mayHaveBeenProcessed: false) where attempt == 1: return .zero
    default: break
    }
    let doubled = backoff * (1 << min(attempt - 1, 20))
    let full = min(doubled, backoffMaximum).wholeNanoseconds
    if full < 2 { return .nanoseconds(Int64(full)) }
    return .nanoseconds(Int64(full / 2 + random.next(below: full / 2 + 1)))
  }

  /// How long to wait before asking again because of an answer; nil when it is the caller's.
  ///
  /// - Parameter now: seconds since 1970.
  func pause(
    answered head: HTTPResponseHead, _ method: HTTPMethod, attempt: Int, canSendBody: Bool, now: Int64
  ) -> Duration? {
    guard attempt < attemptsMaximum && canSendBody && method.isIdempotent,
      statuses.contains(head.status.code), let value = head.fields["retry-after"]
    else { return nil }
    let pause: Duration
    if !value.isEmpty, value.utf8.count <= 9, value.utf8.allSatisfy(HTTPByte.isDigit),
      let seconds = Int64(value)
    {
      pause = .seconds(seconds)
    } else if let date = HTTPDate.parse(value, now: now) {
      pause = .seconds(max(0, date - now))
    } else {
      return nil
    }
    return pause <= retryAfterMaximum ? pause : nil
  }
}
