// The parameters of a query, or of a form in the same notation: `a=1&b=x+y`.

/// Names and values in the order they came. A name may come more than once.
public struct HTTPQuery: Sendable {
  /// More parameters than this are refused.
  public static let parametersMaximum = 1000

  /// Every parameter, decoded; one without `=` has an empty value.
  public let parameters: [(name: String, value: String)]

  /// No parameters.
  public init() { parameters = [] }

  /// The parameters that `bytes` spell.
  ///
  /// - Parameters:
  ///   - bytes: what follows the question mark.
  ///   - limit: how many parameters there may be.
  /// - Throws: 400 for an escape that is none, for text that is not UTF-8, and past the limit.
  public init(_ bytes: UnsafeRawBufferPointer, limit: Int = parametersMaximum) throws(HTTPError) {
    var parameters: [(name: String, value: String)] = []
    for part in bytes.split(separator: UInt8(ascii: "&")) {
      guard parameters.count < limit else {
        throw .badRequest(code: "too_many_parameters", "the query has more than \(limit) parameters")
      }
      let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
      let name = UnsafeRawBufferPointer(rebasing: part[..<equals])
      let value = UnsafeRawBufferPointer(rebasing: part[equals...].dropFirst())
      guard let name = PercentEncoding.decode(name, plusIsSpace: true),
        let value = PercentEncoding.decode(value, plusIsSpace: true)
      else {
        throw .badRequest(code: "malformed_query", "the query has an escape that stands for nothing")
      }
      parameters.append((name, value))
    }
    self.parameters = parameters
  }

  /// The value of the first parameter named `name`; nil when there is none.
  public subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

  /// The values of every parameter named `name`, in order.
  public func values(of name: String) -> [String] {
    parameters.compactMap { $0.name == name ? $0.value : nil }
  }
}
