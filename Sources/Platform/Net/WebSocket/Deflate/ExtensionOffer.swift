// The grammar of Sec-WebSocket-Extensions (RFC 6455 section 9.1): names with parameters, separated by
// commas and semicolons, values as tokens or quoted tokens.

/// One extension as a header field names it.
struct ExtensionOffer: Hashable {
  /// More in one handshake is somebody's game.
  static let maximum = 16
  static let parametersMaximum = 16

  struct Parameter: Hashable {
    var name: String
    var value: String?
  }

  var name: String
  private var list: [Parameter] = []

  var parameters: [(name: String, value: String?)] { list.map { ($0.name, $0.value) } }

  /// Parses the field's values, in order; nil when one is malformed, or there are too many.
  static func parse(_ values: [String]) -> [ExtensionOffer]? {
    var offers: [ExtensionOffer] = []
    for value in values {
      var scanner = HeaderScanner(value)
      repeat {
        // Empty list elements are allowed (RFC 9110 section 5.6.1).
        if scanner.isAtSeparator { continue }
        guard let name = scanner.token() else { return nil }
        var offer = ExtensionOffer(name: name.lowercased())
        while scanner.skip(";") {
          guard let parameter = scanner.token() else { return nil }
          var value: String?
          if scanner.skip("=") {
            guard let found = scanner.tokenOrQuoted() else { return nil }
            value = found
          }
          offer.list.append(Parameter(name: parameter.lowercased(), value: value))
          if offer.list.count > parametersMaximum { return nil }
        }
        offers.append(offer)
        if offers.count > maximum { return nil }
      } while scanner.skip(",")
      guard scanner.isAtEnd else { return nil }
    }
    return offers
  }
}
