// What a client would like to be answered with (RFC 9110 section 12.5.1).

/// The preferences that an Accept field states.
public struct AcceptPreferences: Sendable {
  /// What follows that many members is not looked at.
  public static let rangesMaximum = 64

  private struct Choice {
    let essence: String
    let parameters: [(name: String, value: String)]
    let quality: Int

    /// How well it describes `type`; nil when not at all. The most precise description counts.
    func precision(for type: MediaType) -> Int? {
      if essence == "*/*" { return 0 }
      if essence.hasSuffix("/*") { return essence.dropLast(2) == type.type ? 1 : nil }
      guard essence == type.essence else { return nil }
      for (name, value) in parameters {
        guard let its = type[name], its.lowercasedASCII == value.lowercasedASCII else { return nil }
      }
      return 2 + parameters.count
    }
  }

  private var choices: [Choice] = []
  private let acceptsAll: Bool

  /// The preferences in `field`. Members that make no sense are passed over; without any, everything is welcome.
  public init(_ field: String?) {
    guard let field else {
      acceptsAll = true
      return
    }
    var scanner = FieldScanner(field)
    repeat {
      scanner.skipBlanks()
      guard let essence = MediaType.type(&scanner), var parameters = scanner.parameters() else { continue }
      scanner.skipBlanks()
      guard scanner.isAtEnd || scanner.next == UInt8(ascii: ",") else { continue }
      var quality: Int? = 1000
      if let weight = parameters.firstIndex(where: { $0.name == "q" }) {
        quality = FieldScanner.thousandths(parameters[weight].value)
        // What follows the weight says nothing about the type.
        parameters.removeSubrange(weight...)
      }
      if let quality { choices.append(Choice(essence: essence, parameters: parameters, quality: quality)) }
    } while scanner.skipToNextMember() && choices.count < Self.rangesMaximum
    acceptsAll = choices.isEmpty
  }

  /// How welcome `type` is, in thousandths; zero when it is not acceptable.
  public func quality(of type: MediaType) -> Int {
    if acceptsAll { return 1000 }
    var best: (precision: Int, quality: Int)?
    for choice in choices {
      guard let precision = choice.precision(for: type) else { continue }
      if best.map({ precision > $0.precision }) ?? true { best = (precision, choice.quality) }
    }
    return best?.quality ?? 0
  }

  /// The most welcome of `offers`, the earlier of equals; nil when none is acceptable.
  public func best(of offers: [MediaType]) -> MediaType? {
    var best: (offer: MediaType, quality: Int)?
    for offer in offers {
      let quality = quality(of: offer)
      if quality > (best?.quality ?? 0) { best = (offer, quality) }
    }
    return best?.offer
  }
}
