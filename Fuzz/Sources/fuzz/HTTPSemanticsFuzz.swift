import Bytes
import HTTP
import Runtime

/// Multipart forms: the parts and the bytes in them do not depend on how the body was cut up.
let multipartFuzz = FuzzTarget(name: "multipart") { bytes in
  let whole = readParts(bytes, piece: bytes.count)
  for piece in [1, 3] { law(readParts(bytes, piece: piece) == whole, "the cuts changed the parts") }
}

private func readParts(_ bytes: UnsafeRawBufferPointer, piece: Int) -> [String] {
  var limits = MultipartLimits()
  limits.partsMaximum = 8
  limits.headBytesMaximum = 200
  limits.fieldsMaximum = 4
  limits.partBytesMaximum = 100
  limits.preambleBytesMaximum = 50
  var seen: [String] = []
  do throws(HTTPError) {
    var parser = try MultipartParser(contentType: "multipart/form-data; boundary=b", limits: limits)
    var (input, position, current) = (ByteBuffer(), 0, [UInt8]())
    repeat {
      let end = min(position + max(piece, 1), bytes.count)
      input.append(UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
      position = end
      while let event = try parser.next(from: &input) {
        switch event {
        case .part(let part): seen.append("\(part.name) \(part.fileName ?? "-") \(part.fields.pairs)")
        case .data(let data): current.append(contentsOf: [UInt8](data))
        case .partEnd:
          law(current.count <= limits.partBytesMaximum, "a part is over its limit")
          seen.append("\(current)")
          current = []
        case .end: seen.append("end")
        }
      }
    } while position < bytes.count
    try parser.finish()
  } catch {
    seen.append(error.code)
  }
  return seen
}

/// Ranges: what is selected is there, and costs no more than the whole.
let rangesFuzz = FuzzTarget(name: "ranges") { bytes in
  let field = String(decoding: bytes, as: UTF8.self)
  for length in [0, 1, 10, 10_000, Int64.max] {
    switch ByteRangeSelection(field, length: length) {
    case .whole, .unsatisfiable: break
    case .part(let part): check([part], of: length)
    case .parts(let parts):
      law(parts.count > 1 && parts.count <= ByteRangeSelection.partsMaximum, "so many parts")
      check(parts, of: length)
    }
  }
}

private func check(_ parts: [Range<Int64>], of length: Int64) {
  var left = length
  for part in parts {
    law(part.lowerBound >= 0 && part.upperBound <= length && !part.isEmpty, "a part that is not there")
    left -= part.upperBound - part.lowerBound
  }
  law(left >= 0, "the parts are more than the whole")
}

/// Cookies: what was read can be set again, where it may be set at all, and is read as the same.
let cookiesFuzz = FuzzTarget(name: "cookies") { bytes in
  var fields = HTTPFields()
  fields.append("Cookie", String(decoding: bytes, as: UTF8.self))
  guard let cookies = outcome({ () throws(HTTPError) in try HTTPCookies(fields) }) else { return }
  for (name, value) in cookies.cookies {
    law(cookies[name] != nil, "a cookie cannot be found")
    guard let cookie = SetCookie(name, value) else { continue }
    var again = HTTPFields()
    again.append("Cookie", "\(cookie.name)=\(cookie.value)")
    let read = outcome { () throws(HTTPError) in try HTTPCookies(again) }
    law(read?.cookies.count == 1 && read?[name] == value, "a cookie came back another")
  }
}

/// What other fields hold: read without harm, and what has a text reads back from it.
let httpFieldsFuzz = FuzzTarget(name: "http-fields") { bytes in
  let text = String(decoding: bytes, as: UTF8.self)
  var fields = HTTPFields()
  for name in ["Authorization", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "Content-Encoding"] {
    if let name = HTTPFieldName(name) { fields.append(name, text) }
  }
  if let tag = EntityTag(parsing: text) { law(EntityTag(parsing: tag.description) == tag, "a tag") }
  if let date = HTTPDate.parse(text, now: 1_760_000_000) {
    law(HTTPDate.parse(HTTPDate.text(seconds: date), now: 0) == date, "a date came back another")
  }
  if let type = MediaType(text) {
    law(AcceptPreferences(type.essence).quality(of: type) == 1000, "a type does not accept itself")
  }
  let preferences = AcceptPreferences(text)
  if let html = MediaType("text/html") {
    law((0...1000).contains(preferences.quality(of: html)), "a quality")
  }
  _ = ContentCoding.preferred(text, of: ContentCoding.allCases)
  _ = outcome { () throws(HTTPError) in try ContentCoding.ofBody(fields) }
  _ = outcome { () throws(HTTPError) in try HTTPCredentials.of(fields) }
  if let network = NetworkPrefix(text) { law(NetworkPrefix(network.description) == network, "a network") }
  let trusted = ["10.0.0.0/8", "::/0"].compactMap { NetworkPrefix($0) }
  for field in [ProxyTrust.Field.forwarded, .xForwarded] {
    let client = ProxyTrust(networks: trusted, field: field).client(peer: .v4(0x0a00_0001), fields)
    law(client.address != nil, "the peer is somebody")
  }
  for method in [HTTPMethod.get, .put] {
    for name: StaticString in [
      "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range",
    ] {
      var conditional = HTTPFields()
      conditional.append(name, text)
      let head = HTTPRequestHead(method, "/", authority: "a", fields: conditional)
      let state = HTTPValidators(entityTag: EntityTag("a"), lastModified: 1, isLastModifiedStrong: true)
      _ = HTTPConditions(head, state, now: 0)
      _ = HTTPConditions.rangeCounts(head, state, now: 0)
    }
  }
}

/// Content codings: how a body was cut up, and how much is taken of it at once, change nothing; what came out codes and
/// decodes to itself.
let contentDecodingFuzz = FuzzTarget(name: "content-decoding") { bytes in
  guard let first = bytes.first else { return }
  let coding = ContentCoding.allCases[Int(first) % ContentCoding.allCases.count]
  let body = UnsafeRawBufferPointer(rebasing: bytes[1...])
  let whole = decode(coding, body, piece: body.count, step: 1 << 16)
  for (piece, step) in [(1, 1 << 16), (3, 5), (body.count, 1)] {
    let again = decode(coding, body, piece: piece, step: step)
    // When a frame of zstd ends in an empty block, the library holds it to the size in its header only where it sees
    // the whole at once.
    let isLenient = coding == .zstd && isRefusedOnce(whole, again, "malformed_coding")
    law(
      again == whole || isLenient,
      "the cuts changed the outcome: \(coding) \(piece) \(step), \(whole), \(again)")
  }
  guard case .success(let output) = whole else { return }
  let coded = outcome { () throws(HTTPError) in try ContentEncoder.encode(output, as: coding) }
  guard let coded else { return law(false, "what was decoded cannot be coded") }
  let again = coded.withReadableBytes { decode(coding, $0, piece: 7, step: 11) }
  law(again == whole, "a body came back another")
}

private enum Decoding: Equatable {
  case success(ByteBuffer)
  case failure(String)
}

/// Whether one of two outcomes is the failure named, and the other no failure.
private func isRefusedOnce(_ one: Decoding, _ other: Decoding, _ code: String) -> Bool {
  switch (one, other) {
  case (.success, .failure(let failure)), (.failure(let failure), .success): failure == code
  default: false
  }
}

private func decode(_ coding: ContentCoding, _ bytes: UnsafeRawBufferPointer, piece: Int, step: Int)
  -> Decoding
{
  let limit = 10_000
  var (input, output, position) = (ByteBuffer(), ByteBuffer(), 0)
  do throws(HTTPError) {
    let decoder = try ContentDecoder(coding, bytesMaximum: limit)
    while position < bytes.count {
      let end = min(position + max(piece, 1), bytes.count)
      input.append(UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
      position = end
      while try decoder.decode(&input, into: &output, upTo: step) {}
    }
    try decoder.finish()
  } catch {
    law(output.count <= limit + 1, "more came out than may")
    return .failure(error.code)
  }
  law(output.count <= limit, "more came out than may")
  return .success(output)
}

/// What `body` returns; nil when it refuses.
private func outcome<Result>(_ body: () throws(HTTPError) -> Result) -> Result? {
  do throws(HTTPError) { return try body() } catch { return nil }
}
