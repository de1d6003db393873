import Bytes
import WebSocket

/// Frames of either end, the first byte choosing which, and whether compression was agreed: the outcome does not
/// depend on how the bytes are cut up, and what was understood can be written and read again.
let webSocketFramesFuzz = FuzzTarget(name: "websocket-frames") { bytes in
  guard let choice = bytes.first else { return }
  let frames = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
  let sender = choice & 1 == 0 ? WebSocketRole.client : .server
  let compression = choice & 2 == 0 ? nil : DeflateAgreement()
  let whole = events(of: frames, piece: frames.count, from: sender, compression)
  precondition(whole == events(of: frames, piece: 1, from: sender, compression))
  precondition(whole == events(of: frames, piece: 13, from: sender, compression))
  var encoder = FrameEncoder(role: sender)
  var again = ByteBuffer()
  for case .message(let message) in whole.events {
    encoder.append(message.kind == .text ? .text : .binary, message.payload, to: &again)
    precondition(message.kind == .binary || message.text != nil)
  }
  let repeated = again.withReadableBytes { events(of: $0, piece: $0.count, from: sender, nil) }
  let messages = whole.events.filter { if case .message = $0 { true } else { false } }
  precondition(repeated.events == messages && repeated.error == nil)
}

private struct Outcome: Equatable {
  var events: [WebSocketEvent] = []
  var error: WebSocketError?
}

private func events(
  of bytes: UnsafeRawBufferPointer, piece: Int, from sender: WebSocketRole, _ compression: DeflateAgreement?
) -> Outcome {
  var limits = WebSocketLimits()
  limits.frameBytesMaximum = 100_000
  limits.messageBytesMaximum = 100_000
  limits.fragmentsMaximum = 100
  var decoder = MessageDecoder(from: sender, limits: limits, compression: compression)
  var input = ByteBuffer()
  var outcome = Outcome()
  var position = 0
  do throws(WebSocketError) {
    while position < bytes.count {
      let end = min(position + max(piece, 1), bytes.count)
      input.append(UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
      position = end
      while let event = try decoder.next(from: &input) { outcome.events.append(event) }
    }
  } catch {
    outcome.error = error
  }
  return outcome
}

/// The header fields of both handshakes, one a line, and the head of a server's answer.
let webSocketHandshakeFuzz = FuzzTarget(name: "websocket-handshake") { bytes in
  let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  let fields = lines.map { line in
    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    return (name: parts[0].lowercased(), value: parts.count > 1 ? String(parts[1]) : "")
  }
  let values = { (name: StaticString) in
    fields.filter { $0.name == "\(name)".lowercased() }.map(\.value)
  }
  var server = ServerHandshake()
  server.subprotocols = ["a", "b"]
  server.compression = DeflateOptions()
  do throws(WebSocketError) {
    var answer = ByteBuffer()
    let acceptance = try server.decide(method: "GET", values: values)
    acceptance.write(to: &answer)
    var searched = 0
    let head = try UpgradeAnswer.take(from: &answer, searched: &searched)
    precondition(head?.status == 101 && answer.isEmpty, "an answer of ours can be read")
  } catch {
    guard case .handshake(let failure) = error else { preconditionFailure("\(error)") }
    precondition((400...426).contains(failure.status))
  }
  var request = ClientHandshake.Request(authority: "x")
  request.subprotocols = ["a"]
  request.compression = DeflateOptions()
  // Nobody guesses the digest of the key: whatever the answer says, it is refused.
  do throws(WebSocketError) {
    _ = try ClientHandshake(request).conclude(status: 101, values: values)
    preconditionFailure("an answer without the key was taken")
  } catch {
    precondition(error.closeCode == nil)
  }
  precondition(head(bytes, piece: bytes.count) == head(bytes, piece: 1))
}

private func head(_ bytes: UnsafeRawBufferPointer, piece: Int) -> [String]? {
  var (input, position, searched) = (ByteBuffer(), 0, 0)
  do throws(WebSocketError) {
    while position < bytes.count {
      let end = min(position + max(piece, 1), bytes.count)
      input.append(UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
      position = end
      if let answer = try UpgradeAnswer.take(from: &input, searched: &searched) {
        return ["\(answer.status)"] + answer.values(of: "upgrade")
      }
    }
  } catch {
    return nil
  }
  return ["unfinished"]
}

/// Compressed messages: the first byte chooses the window and whether the context is kept. What can be decompressed
/// keeps to its limit, and what we compress comes back.
let permessageDeflateFuzz = FuzzTarget(name: "permessage-deflate") { bytes in
  guard let choice = bytes.first else { return }
  let payload = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
  var direction = DeflateAgreement.Direction()
  direction.windowBits = 9 + Int(choice % 7)
  direction.keepsContext = choice & 0x80 == 0
  do throws(WebSocketError) {
    let inflater = try MessageInflater(direction)
    var output = ByteBuffer()
    let half = payload.count / 2
    try inflater.inflate(
      UnsafeRawBufferPointer(rebasing: payload[..<half]), into: &output, bytesMaximum: 50_000)
    try inflater.inflate(
      UnsafeRawBufferPointer(rebasing: payload[half...]), into: &output, bytesMaximum: 50_000)
    try inflater.finishMessage(into: &output, bytesMaximum: 50_000)
    precondition(output.count <= 50_000)
  } catch {
    precondition(error == .undecodable || error == .messageTooLarge(bytesMaximum: 50_000))
  }
  do throws(WebSocketError) {
    let deflater = try MessageDeflater(direction, DeflateOptions())
    let inflater = try MessageInflater(direction)
    let message = ByteBuffer(copying: payload)
    for _ in 0..<2 {
      var (compressed, output) = (ByteBuffer(), ByteBuffer())
      deflater.deflate(message, into: &compressed)
      try compressed.withReadableBytes { bytes throws(WebSocketError) in
        try inflater.inflate(bytes, into: &output, bytesMaximum: message.count)
      }
      try inflater.finishMessage(into: &output, bytesMaximum: message.count)
      precondition(output == message)
    }
  } catch {
    preconditionFailure("what we compress can be read: \(error)")
  }
}
