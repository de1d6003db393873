// A refusal by the kernel, as a value: the error number and the call that got it. Every module that makes
// system calls reports them with this type, so that an operator reads the same words everywhere.

import CLinux

/// A system call that failed.
public struct SystemError: Error, Hashable, Sendable {
  /// The error number (errno).
  public let code: Int32
  /// The call that failed, and nothing else: "open", "fdatasync".
  public let operation: String

  /// The failure `code` of `operation`.
  public init(code: Int32, operation: String) {
    self.code = code
    self.operation = operation
  }

  /// The failure that this thread's last system call left in errno. Make it before anything else can
  /// overwrite errno.
  public static func last(_ operation: StaticString) -> SystemError {
    let code = clinux_errno()
    return SystemError(code: code, operation: operation.description)
  }

  /// The symbolic name, "ENOENT"; the number when the kernel invents a new one.
  public var name: String { clinux_error_name(code).map { String(cString: $0) } ?? "errno \(code)" }

  /// What the name means: "No such file or directory".
  public var text: String { clinux_error_text(code).map { String(cString: $0) } ?? "unknown error" }
}

extension SystemError: CustomStringConvertible {
  /// "open: ENOENT (No such file or directory)".
  public var description: String { "\(operation): \(name) (\(text))" }
}
