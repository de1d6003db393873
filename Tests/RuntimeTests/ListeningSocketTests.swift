import Glibc
import Testing

@testable import Runtime

@Suite("ListeningSocket") struct ListeningSocketTests {
  private func mode(_ path: String) -> UInt32? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
  }

  @Test func tellsThePortThatTheKernelChose() throws {
    let socket = try ListeningSocket(.ip(.loopbackV4, port: 0))
    #expect(socket.address.port != 0)
    #expect(socket.address.ip == .loopbackV4)
  }

  @Test func refusesAPortInUse() throws {
    let first = try ListeningSocket(.ip(.loopbackV4, port: 0))
    #expect(throws: NetworkError.addressInUse(first.address)) { try ListeningSocket(first.address) }
  }

  @Test func sharesAPortWhenAskedTo() throws {
    var options = ListeningSocket.Options()
    options.sharesPort = true
    let first = try ListeningSocket(.ip(.loopbackV4, port: 0), options)
    let second = try ListeningSocket(first.address, options)
    #expect(second.address == first.address)
    #expect(throws: NetworkError.addressInUse(first.address)) { try ListeningSocket(first.address) }
  }

  @Test func reportsAnAddressThatIsNotOurs() throws {
    let address = SocketAddress.ip(.v4(0xc000_0201), port: 0)
    #expect(throws: NetworkError.cannotListen(address, SystemError(code: EADDRNOTAVAIL, operation: "bind"))) {
      try ListeningSocket(address)
    }
  }

  @Test func aUnixSocketHasTheModeAskedForAndRemovesItsFile() throws {
    let path = temporaryPath("mode")
    var options = ListeningSocket.Options()
    options.mode = 0o604
    do {
      let socket = try ListeningSocket(.unix(path: path), options)
      #expect(mode(path) == 0o604)
      #expect(socket.address == .unix(path: path))
    }
    #expect(mode(path) == nil)
  }

  @Test func replacesASocketWhoseOwnerIsDead() throws {
    let path = temporaryPath("dead")
    let corpse = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    _ = SocketAddress.unix(path: path).withKernelForm { bind(corpse, $0, $1) }
    close(corpse)
    #expect(mode(path) != nil)
    let socket = try ListeningSocket(.unix(path: path))
    #expect(mode(path) == 0o660)
    withExtendedLifetime(socket) {}
  }

  @Test func respectsASocketWhoseOwnerIsAlive() throws {
    let path = temporaryPath("alive")
    let first = try ListeningSocket(.unix(path: path))
    #expect(throws: NetworkError.addressInUse(.unix(path: path))) { try ListeningSocket(.unix(path: path)) }
    #expect(mode(path) != nil)
    withExtendedLifetime(first) {}
  }

  @Test func respectsAFileThatIsNoSocket() throws {
    let path = temporaryPath("file")
    close(open(path, O_CREAT | O_WRONLY, 0o600))
    defer { unlink(path) }
    #expect(throws: NetworkError.addressInUse(.unix(path: path))) { try ListeningSocket(.unix(path: path)) }
    #expect(mode(path) == 0o600)
  }

  @Test func leavesAFileAloneThatIsNoLongerItsOwn() throws {
    let path = temporaryPath("replaced")
    let successor: ListeningSocket
    do {
      let first = try ListeningSocket(.unix(path: path))
      unlink(path)
      successor = try ListeningSocket(.unix(path: path))
      withExtendedLifetime(first) {}
    }
    #expect(mode(path) == 0o660)
    withExtendedLifetime(successor) {}
  }
}
