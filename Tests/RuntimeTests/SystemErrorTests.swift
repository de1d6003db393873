import Glibc
import Runtime
import Testing

@Suite("SystemError") struct SystemErrorTests {
  @Test(arguments: [
    (ENOENT, "open", "open: ENOENT (No such file or directory)"),
    (ENOSPC, "write", "write: ENOSPC (No space left on device)"),
    (99_999, "ioctl", "ioctl: errno 99999 (unknown error)"),
  ])
  func saysWhatFailedAndWhy(code: Int32, operation: String, text: String) {
    #expect(SystemError(code: code, operation: operation).description == text)
  }

  @Test func takesTheLastCallsErrorNumber() {
    #expect(close(-1) == -1)
    #expect(SystemError.last("close") == SystemError(code: EBADF, operation: "close"))
  }
}
