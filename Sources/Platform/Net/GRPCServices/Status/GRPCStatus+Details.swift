// Details of an error for programs: messages, usually of google/rpc/error_details.proto, packed into a `google.rpc.Status`,
// which travels in the trailers as `grpc-status-details-bin`.

import Bytes
public import GRPC
public import Wire

extension GRPCStatus {
  /// How much there may be besides the code.
  public enum DetailsLimit {
    /// Of the encoded details: trailers with more are refused by many clients, and then the code is lost too.
    public static let bytes = 4 << 10
    /// What the details repeat of the message.
    public static let messageBytes = 1 << 10
  }

  /// An end with details. What does not fit in `DetailsLimit.bytes` is left out: put first what matters most.
  public init(_ code: GRPCCode, _ message: String, details: [any Message]) {
    self.init(code, message)
    var status = Google_Rpc_Status()
    status.code = Int32(code.rawValue)
    status.message = String(decoding: message.utf8.prefix(DetailsLimit.messageBytes), as: UTF8.self)
    do throws(ProtobufError) {
      for detail in details where detail.serializedSize <= DetailsLimit.bytes {
        let packed = try Google_Protobuf_Any(packing: detail)
        status.details.append(packed)
        if status.serializedSize > DetailsLimit.bytes { status.details.removeLast() }
      }
      self.details = try status.serializedBytes()
    } catch {
      // Only a message of gigabytes cannot be encoded.
      preconditionFailure("a status of at most \(DetailsLimit.bytes) bytes cannot be encoded: \(error)")
    }
  }

  /// The details as they came; nil when there are none.
  ///
  /// - Throws: what is wrong with them, when the peer sent something else.
  public func decodedDetails() throws(ProtobufError) -> Google_Rpc_Status? {
    guard let details else { return nil }
    return try Google_Rpc_Status(serializedBytes: details)
  }

  /// The first detail of that type; nil when there is none.
  ///
  /// - Throws: what is wrong with the details, when the peer sent something else.
  public func detail<Detail: Message>(_ type: Detail.Type = Detail.self) throws(ProtobufError) -> Detail? {
    guard let status = try decodedDetails() else { return nil }
    for packed in status.details where packed.holds(type) { return try packed.unpack(type) }
    return nil
  }
}
