import Wire

/// A service, with the Swift names of what is made of it.
final class ServiceType {
  /// One of its methods.
  struct Method {
    /// As the .proto file spells it.
    let protoName: String
    /// The Swift method, not escaped.
    let name: String
    let request: MessageType
    let response: MessageType
    let streamsRequests: Bool
    let streamsResponses: Bool
    let isDeprecated: Bool
    /// Where it is in its file's descriptor; its comments are found by this.
    let path: [Int32]

    /// The case of GRPCMethodKind.
    var kind: String {
      switch (streamsRequests, streamsResponses) {
      case (false, false): "unary"
      case (true, false): "clientStreaming"
      case (false, true): "serverStreaming"
      case (true, true): "bidirectional"
      }
    }
  }

  /// With its package, as it is called on the wire.
  let fullName: String
  /// The enum of its names; what answers and what calls it have this as the beginning of theirs.
  let swiftName: String
  let methods: [Method]
  let isDeprecated: Bool
  let path: [Int32]

  init(
    _ descriptor: Google_Protobuf_ServiceDescriptorProto, package: String, prefix: String, path: [Int32],
    methods: [Method]
  ) {
    fullName = package.isEmpty ? descriptor.name : package + "." + descriptor.name
    swiftName = SwiftNames.service(prefix + descriptor.name)
    isDeprecated = descriptor.options.deprecated
    self.path = path
    self.methods = methods
  }

  /// The protocol of what answers its calls.
  var providerName: String { swiftName + "Provider" }

  /// The struct that calls it.
  var clientName: String { swiftName + "Client" }
}
