import Runtime
import Testing

@Suite("SocketAddress") struct SocketAddressTests {
  @Test(arguments: [
    "127.0.0.1:80", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:8080", "[2001:db8::1]:443", "[fe80::1%2]:1",
    "unix:/run/varve.sock", "unix:@varve", "unix:relative.sock",
  ])
  func printsWhatItParses(_ text: String) throws {
    #expect(try SocketAddress(text).description == text)
  }

  @Test(arguments: [
    "", ":", "80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+80",
    "127.0.0.1: 80",
    "127.0.0.1:080808", "127.0.0.1:８０", "256.0.0.1:80", "127.1:80", "localhost:80", "::1:80", "[::1]",
    "[::1]80",
    "[::1:80", "::1]:80", "[127.0.0.1]:80", "[]:80", "[::1%eth0]:80", "[::1%]:80", "[::1%4294967296]:80",
    "127.0.0.1%1:80", "127.0.0.1\0:80", "[::1\0]:80", "unix:", "unix:a\0b",
    "unix:/" + String(repeating: "x", count: 107),
  ])
  func refusesWhatIsNoAddress(_ text: String) {
    #expect(throws: NetworkError.malformedAddress(text)) { try SocketAddress(text) }
  }

  @Test func takesTheLongestPath() throws {
    let path = "/" + String(repeating: "x", count: 106)
    #expect(try SocketAddress("unix:" + path) == .unix(path: path))
  }

  @Test(arguments: [
    ("::ffff:192.0.2.1", "192.0.2.1"), ("::1", "::1"), ("10.0.0.1", "10.0.0.1"),
    ("::fffe:1.2.3.4", "::fffe:102:304"),
  ])
  func seesVersionFourInsideVersionSix(_ text: String, canonical: String) throws {
    #expect(try #require(IPAddress(text)).canonical.description == canonical)
  }

  @Test(arguments: [
    "127.0.0.1:7", "[2001:db8::1]:443", "[fe80::1%2]:1", "unix:/run/varve.sock", "unix:@varve",
  ])
  func survivesTheKernelsForm(_ text: String) throws {
    let address = try SocketAddress(text)
    #expect(address.throughKernelForm == address)
  }
}
