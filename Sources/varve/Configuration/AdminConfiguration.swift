// The defaults of the node's ports.

import Configuration
import HTTP1
import Runtime

extension ListenerConfiguration {
  /// The log, for processes of the same house: no address, so that nothing is served unasked.
  static var grpc: ListenerConfiguration {
    var listener = ListenerConfiguration()
    listener.connections.connectionsMaximum = 10_000
    listener.connections.connectionsPerAddressMaximum = 1000
    return listener
  }

  /// Health, readiness, metrics, version: for a few clients that ask for little.
  static var admin: ListenerConfiguration {
    var listener = ListenerConfiguration()
    listener.addresses = [.tcp(HostPort(host: "127.0.0.1", port: 7070))]
    listener.connections.connectionsMaximum = 256
    listener.connections.connectionsPerAddressMaximum = 256
    // Its pages take no bodies, and a server that reads what nobody wants is a server to be kept busy.
    listener.limits.bodyBytesMaximum = 0
    return listener
  }
}
