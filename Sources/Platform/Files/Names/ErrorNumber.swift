// The operating system's number for what went wrong: what the seam `FileSystem` throws. Callers of `File`
// and of the operations on paths see it inside a `FileError`, which also says where.

import Glibc
import Runtime

/// An errno value.
public struct ErrorNumber: Error, RawRepresentable, Hashable, Sendable {
  /// The number itself.
  public let rawValue: Int32

  /// The number as an error.
  @inlinable
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// What the calling thread's last failed call left behind.
  static var last: ErrorNumber { ErrorNumber(rawValue: errno) }

  /// EPERM: not permitted, such as a hard link to a directory.
  public static let notPermitted = ErrorNumber(rawValue: EPERM)
  /// ENOENT: no such file or directory.
  public static let notFound = ErrorNumber(rawValue: ENOENT)
  /// EINTR: a signal came first; the call did nothing.
  public static let interrupted = ErrorNumber(rawValue: EINTR)
  /// EIO: the device could not do it.
  public static let inputOutput = ErrorNumber(rawValue: EIO)
  /// EBADF: not open, or not open for this.
  public static let badDescriptor = ErrorNumber(rawValue: EBADF)
  /// EAGAIN (EWOULDBLOCK): the call would have to wait.
  public static let wouldBlock = ErrorNumber(rawValue: EAGAIN)
  /// EACCES: the permissions forbid it.
  public static let accessDenied = ErrorNumber(rawValue: EACCES)
  /// EBUSY: in use by the system, such as the root.
  public static let busy = ErrorNumber(rawValue: EBUSY)
  /// EEXIST: the name is taken.
  public static let exists = ErrorNumber(rawValue: EEXIST)
  /// EXDEV: the two names are on different file systems.
  public static let crossDevice = ErrorNumber(rawValue: EXDEV)
  /// ENODEV: the device is gone. What every call answers on a simulated machine that lost its power.
  public static let noDevice = ErrorNumber(rawValue: ENODEV)
  /// ENOTDIR: something used as a directory is none.
  public static let notDirectory = ErrorNumber(rawValue: ENOTDIR)
  /// EISDIR: a directory where a file is wanted.
  public static let isDirectory = ErrorNumber(rawValue: EISDIR)
  /// EINVAL: an argument makes no sense, or is not aligned for direct I/O.
  public static let invalid = ErrorNumber(rawValue: EINVAL)
  /// EMFILE: this process has as many open files as it may.
  public static let tooManyOpenFiles = ErrorNumber(rawValue: EMFILE)
  /// EFBIG: past the largest file there can be.
  public static let fileTooBig = ErrorNumber(rawValue: EFBIG)
  /// ENOSPC: the disk is full.
  public static let noSpace = ErrorNumber(rawValue: ENOSPC)
  /// EROFS: the file system was mounted, or has turned, read-only.
  public static let readOnly = ErrorNumber(rawValue: EROFS)
  /// ENAMETOOLONG: a name of more than 255 bytes or a path of more than 4095.
  public static let nameTooLong = ErrorNumber(rawValue: ENAMETOOLONG)
  /// ENOSYS: the kernel has no such call.
  public static let notImplemented = ErrorNumber(rawValue: ENOSYS)
  /// ENOTEMPTY: the directory still has entries.
  public static let notEmpty = ErrorNumber(rawValue: ENOTEMPTY)
  /// EOPNOTSUPP: this file system does not do that.
  public static let notSupported = ErrorNumber(rawValue: EOPNOTSUPP)
  /// EDQUOT: the quota is used up.
  public static let quotaExceeded = ErrorNumber(rawValue: EDQUOT)
  /// EILSEQ: a name in a directory is not UTF-8.
  public static let illegalName = ErrorNumber(rawValue: EILSEQ)

  /// The name in the C headers, `ENOSPC`; the bare number when it has none.
  public var name: String { SystemError(code: rawValue, operation: "").name }
}

extension ErrorNumber: CustomStringConvertible {
  /// The name and the system's sentence: `ENOSPC (No space left on device)`.
  public var description: String {
    let error = SystemError(code: rawValue, operation: "")
    return "\(error.name) (\(error.text))"
  }
}
