// A status on the wire: the fields `grpc-status`, `grpc-message` and `grpc-status-details-bin` of the trailers.

import Bytes
package import HTTP
import Wire

extension GRPCStatus {
  /// How long the details of a status may be: trailers are to stay small.
  package static let detailsBytesMaximum = 4 << 10

  /// Writes the fields of a call's end.
  ///
  /// - Parameter status: nil when the call succeeded.
  package static func write(_ status: GRPCStatus?, to fields: inout HTTPFields) {
    guard let status else { return fields.append("grpc-status", "0") }
    fields.append("grpc-status", String(status.code.rawValue))
    if !status.message.isEmpty { fields.append("grpc-message", StatusMessage.encoded(status.message)) }
    if let details = status.details, details.count <= detailsBytesMaximum {
      fields.append("grpc-status-details-bin", base64.encode(details.readable))
    }
  }

  /// What trailers say of a call's end.
  ///
  /// - Returns: nil when it succeeded.
  /// - Throws: when they do not say how the call ended.
  package static func read(_ fields: HTTPFields) throws(GRPCStatus) -> GRPCStatus? {
    guard let code = fields["grpc-status"] else {
      throw GRPCStatus(.internal, "the answer ends without a grpc-status")
    }
    let message = fields["grpc-message"].map(StatusMessage.decoded) ?? ""
    var details: ByteBuffer?
    if let field = fields["grpc-status-details-bin"] {
      // Details are for programs that know them: those that cannot be read are none.
      details = decoded(field)
    }
    let status = GRPCStatus(GRPCCode(wire: code), message, details: details)
    return status.code == .ok ? nil : status
  }

  private static func decoded(_ field: String) -> ByteBuffer? {
    do throws(TextError) { return try base64.decode(field) } catch { return nil }
  }

  private static let base64 = Base64(.standard, padding: .optional)
}
