// The codes that a call ends with, as gRPC numbers them.

/// What became of a call.
public enum GRPCCode: Int, CaseIterable, Sendable {
  case ok = 0
  /// The caller gave up.
  case cancelled = 1
  case unknown = 2
  /// The request is wrong, whatever the state of the system.
  case invalidArgument = 3
  case deadlineExceeded = 4
  case notFound = 5
  case alreadyExists = 6
  case permissionDenied = 7
  /// A quota or a limit.
  case resourceExhausted = 8
  /// The system is not in the state that the call needs: the same call helps only when something else has changed.
  case failedPrecondition = 9
  /// The call met another one: the caller may begin again.
  case aborted = 10
  /// Past the end of what there is now.
  case outOfRange = 11
  case unimplemented = 12
  /// A defect.
  case `internal` = 13
  /// The same call may succeed a little later.
  case unavailable = 14
  case dataLoss = 15
  case unauthenticated = 16

  /// The code of a `grpc-status` field: a number that nobody has given a meaning is unknown.
  package init(wire text: some StringProtocol) {
    // Digits only: `Int` would take a sign.
    let isNumber =
      !text.isEmpty && text.utf8.count <= 9 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    self = isNumber ? Int(text).flatMap { GRPCCode(rawValue: $0) } ?? .unknown : .unknown
  }

  /// What a client makes of an answer that has no `grpc-status`, by its HTTP status.
  package init(httpStatus: Int) {
    self =
      switch httpStatus {
      case 400: .internal
      case 401: .unauthenticated
      case 403: .permissionDenied
      case 404: .unimplemented
      case 429, 502, 503, 504: .unavailable
      default: .unknown
      }
  }
}
