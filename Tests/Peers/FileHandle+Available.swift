// Reading what a program has written so far.

public import Foundation
import Glibc

extension FileHandle {
  /// What can be read now, as soon as there is something; empty at the end. Unlike `availableData` it survives a signal.
  public func available() -> Data {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(fileDescriptor, &bytes, bytes.count)
      if count >= 0 { return Data(bytes[..<count]) }
      if errno != EINTR { return Data() }
    }
  }
}
