// The head of a call.

import GRPC
import HTTP

/// What a call begins with.
struct GRPCCallRequest: Sendable {
  private static let userAgent = "grpc-varve/1"

  let head: HTTPRequestHead

  init(_ path: GRPCPath, _ options: GRPCCallOptions, _ configuration: GRPCChannel.Configuration) {
    var fields: HTTPFields = [
      "te": "trailers", "content-type": GRPCContentType.protobuf, "user-agent": Self.userAgent,
      "grpc-accept-encoding": GRPCCompression.accepted,
    ]
    if options.compression != .identity { fields.append("grpc-encoding", options.compression.rawValue) }
    if let timeout = options.timeout { fields.append("grpc-timeout", GRPCTimeout.field(timeout)) }
    configuration.metadata.write(to: &fields)
    options.metadata.write(to: &fields)
    let authority = configuration.serverName ?? configuration.address
    head = HTTPRequestHead(
      .post, path.path, authority: authority, scheme: configuration.tls == nil ? .http : .https,
      fields: fields)
  }
}
