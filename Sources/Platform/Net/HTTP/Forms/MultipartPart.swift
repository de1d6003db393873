// One part of a form: what is said before its bytes (RFC 7578 section 4).

/// The head of a part.
public struct MultipartPart: Sendable {
  /// Every field of the part.
  public let fields: HTTPFields
  /// Which field of the form it is.
  public let name: String
  /// What the file was called where it came from; nil for what is no file. It names nothing here: a path made of it
  /// is the client's to choose.
  public let fileName: String?

  /// What the part is; nil when it does not say, which means text.
  public var contentType: String? { fields["content-type"] }

  init(_ fields: HTTPFields) throws(HTTPError) {
    let values = fields.values(of: "content-disposition")
    guard values.count == 1 else {
      throw MultipartParser.malformed("a part has not just one Content-Disposition")
    }
    var scanner = FieldScanner(values[0])
    guard scanner.token()?.lowercasedASCII == "form-data",
      // Browsers escape a quote as %22, and send the backslashes of a path as they are.
      let parameters = scanner.parameters(escapesAnything: false), scanner.isAtEnd
    else { throw MultipartParser.malformed("a part's Content-Disposition is not form-data") }
    func single(_ name: String) throws(HTTPError) -> String? {
      let values = parameters.filter { $0.name == name }
      guard values.count <= 1 else { throw MultipartParser.malformed("a part has two names") }
      return values.first?.value
    }
    guard let name = try single("name") else { throw MultipartParser.malformed("a part has no name") }
    self.fields = fields
    self.name = name
    fileName = try single("filename")
  }
}
