// The one place where the errors of other modules become answers.

public import HTTP

/// An error that knows how to answer the client: a domain says in one place which status and code each of its errors has.
public protocol HTTPErrorConvertible: Error {
  /// The error as an answer.
  var asHTTPError: HTTPError { get }
}

extension HTTPError {
  /// What to answer when `error` was thrown.
  init(explaining error: any Error) {
    switch error {
    case let error as HTTPError: self = error
    case let error as any HTTPErrorConvertible: self = error.asHTTPError
    default: self = .internalFailure(error)
    }
  }
}
