// From where the configuration says to listen to what the kernel listens on.

import CommandLine
import Configuration
import Runtime

extension SocketAddress {
  /// The address to listen on; a host must be an IP address or `localhost`, because what a name means may
  /// change from one start to the next.
  ///
  /// - Parameter key: where the configuration says so.
  init(resolving address: ListenAddress, key: String) throws(CommandFailure) {
    switch address {
    case .unix(let path):
      self = .unix(path: path)
    case .tcp(let endpoint):
      let host = endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host
      guard let ip = IPAddress(host[...]) else {
        throw CommandFailure(
          .configuration, "\(key): cannot listen on \(address): \"\(endpoint.host)\" is not an IP address",
          hint: "write an address of this machine, 0.0.0.0 for all of them")
      }
      self = .ip(ip, port: endpoint.port)
    }
  }
}
